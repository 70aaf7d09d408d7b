// Lines of text → JSON strings.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, numRuns, twin, wasm } from './support.ts';

const encode = (text: string | Buffer, capacity = 1 << 20) => {
  const { bytes: encoded, ...rest } = wasm.encodeLines(Buffer.from(text), { capacity });
  return { text: Buffer.from(encoded).toString(), ...rest };
};

test.each([
  ['a b\nc "d"\n', '"a b","c \\"d\\""', 2],
  ['', '', 0],
  ['\n', '""', 1],
  ['\n\n', '"",""', 2],
  ['a\r\nb\r\n', '"a","b"', 2],
  ['a\r\r\n', '"a\\r"', 1],
  ['a\rb\n', '"a\\rb"', 1],
  ['no end', '"no end"', 1],
  ['ends in return\r', '"ends in return\\r"', 1],
  ['\ufeffmark\n', '"\ufeffmark"', 1],
  ['\x00\x08\x1f\x7f\u2028\\\n', '"\\u0000\\b\\u001f\x7f\u2028\\\\"', 1],
])('%j', (text, payload, lines) => {
  expect(encode(text)).toEqual({ text: payload, lines, consumed: Buffer.byteLength(text), damaged: 0 });
});

test('lines that are not valid UTF-8 are counted and made valid', () => {
  const text = Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a, 0xe2, 0x82, 0x0a]);
  expect(encode(text)).toEqual({ text: '"a\ufffd","b","\ufffd"', lines: 3, consumed: 8, damaged: 2 });
});

test('stops before the line that does not fit', () => {
  expect(encode('abc\ndef\nghi\n', 11)).toEqual({ text: '"abc","def"', lines: 2, consumed: 8, damaged: 0 });
  expect(encode('abc\ndef\nghi\n', 10)).toEqual({ text: '"abc"', lines: 1, consumed: 4, damaged: 0 });
  expect(encode('abcdef\n', 5)).toEqual({ text: '', lines: 0, consumed: 0, damaged: 0 });
});

test('is what the twin writes, for any bytes and any limit', () => {
  fc.assert(
    fc.property(bytes, fc.nat(700), fc.nat(40), fc.boolean(), (text, capacity, most, following) => {
      const settings = { capacity, most, following };
      const fast = wasm.encodeLines(text, settings);
      const plain = twin.encodeLines(text, settings);
      expect({ ...fast, bytes: Buffer.from(fast.bytes).toString() }).toEqual({
        ...plain,
        bytes: plain.bytes.toString(),
      });
    }),
    { numRuns },
  );
});

test('gives the same payload however the lines are handed over', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 300 }), (text, capacity) => {
      const whole = Buffer.from(wasm.encodeLines(text, { capacity: 1 << 20 }).bytes).toString();
      let parts = '';
      let at = 0;
      while (at < text.length) {
        // A line that is longer than the capacity gets the room it needs.
        let part = wasm.encodeLines(text.subarray(at), { capacity, following: at > 0 });
        if (part.lines === 0)
          part = wasm.encodeLines(text.subarray(at), { capacity: 1 << 20, most: 1, following: at > 0 });
        parts += Buffer.from(part.bytes).toString();
        at += part.consumed;
      }
      expect(parts).toBe(whole);
    }),
    { numRuns },
  );
});

test('long lines with anything at each place', () => {
  for (let place = 0; place < 200; place++) {
    for (const piece of ['\n', '"', '\r\n', 'é', '\x01', '\xff']) {
      const text = Buffer.concat([
        Buffer.alloc(place, 'x'),
        Buffer.from(piece, 'latin1'),
        Buffer.alloc(200 - place, 'z'),
      ]);
      const fast = wasm.encodeLines(text, { capacity: 1 << 12 });
      const plain = twin.encodeLines(text, { capacity: 1 << 12 });
      expect(Buffer.from(fast.bytes).toString()).toBe(plain.bytes.toString());
    }
  }
});
