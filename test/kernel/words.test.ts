// Counting words, in raw text and in payloads of JSON strings.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Table } from '../../src/kernel/kernel.ts';
import { allRows, bytes, numRuns, readBoth, tables, validText, wasm } from './support.ts';

const rowsOf = (read: (table: Table) => void): string => {
  const table = wasm.createTable();
  read(table);
  table.order();
  const rows = allRows(table).replaceAll('{"word":', '').replaceAll(',"count"', '').replaceAll('}', '');
  table.free();
  return rows;
};

test.each([
  ['a b a', '"a":2,"b":1'],
  ['', ''],
  [' \t\n\v\f\r ', ''],
  ['a\u00a0b', '"a\u00a0b":1'],
  ['Zoe zoe zo\u00eb', '"Zoe":1,"zoe":1,"zoë":1'],
  ['sixteen_letters_ seventeen_letters_ sixteen_letters_', '"seventeen_letters_":1,"sixteen_letters_":2'],
])('text %j', (text, rows) => {
  expect(rowsOf((table) => table.countWords(Buffer.from(text)))).toBe(rows);
});

test('bytes that decode to the same text are one word', () => {
  const text = Buffer.from([0x61, 0xff, 0x20, 0x61, 0xfe, 0x20, 0x61, 0xef, 0xbf, 0xbd]);
  expect(rowsOf((table) => table.countWords(text))).toBe('"a\ufffd":3');
});

test.each([
  ['', ''],
  ['"a b","b"', '"a":1,"b":2'],
  ['"a","a"', '"a":2'],
  ['""', ''],
  [' "a" ,\n"b" ', '"a":1,"b":1'],
  ['"c\\td \\u00e9"', '"c":1,"d":1,"é":1'],
  ['"a\\u0020b\\nc"', '"a":1,"b":1,"c":1'],
  ['"\\ud83d\\ude00 \\ud83d \\ude00\\ud83d"', '"\ufffd":1,"\ufffd\ufffd":1,"😀":1'],
  ['"\\"a\\\\"', '"\\"a\\\\":1'],
])('payload %j', (payload, rows) => {
  expect(rowsOf((table) => expect(table.countPayload(Buffer.from(payload)).fault).toBeUndefined())).toBe(
    rows,
  );
});

test.each([
  ['"a",1', 'not-string', 4, 1],
  ['{"a":1}', 'not-string', 0, 0],
  ['"a",null', 'not-string', 4, 1],
  ['"a""b"', 'malformed', 3, 1],
  ['"a",', 'malformed', 4, 1],
  [',', 'malformed', 0, 0],
  ['"a', 'malformed', 2, 0],
  ['"a\\', 'malformed', 2, 0],
  ['"a","b\\x"', 'malformed', 6, 1],
  ['"a","b\nc"', 'malformed', 6, 1],
  ['"a","b\\u12g4"', 'malformed', 6, 1],
  ['oops', 'malformed', 0, 0],
])('fault in %j', (payload, kind, offset, record) => {
  const table = wasm.createTable();
  expect(table.countPayload(Buffer.from(payload))).toEqual({
    records: record,
    fault: { kind, offset, record },
  });
});

test('raw text is counted as the twin counts it', () => {
  fc.assert(
    fc.property(bytes, (text) => {
      const [fast, plain] = readBoth((table) => table.countWords(text));
      expect(fast).toEqual(plain);
    }),
    { numRuns },
  );
});

test('payloads are counted as the twin counts them', () => {
  const element = fc.oneof(
    { weight: 8, arbitrary: validText.map((text) => JSON.stringify(text)) },
    { weight: 1, arbitrary: bytes.map((text) => `"${text.toString('latin1')}"`) },
  );
  const comma = fc.oneof(
    { weight: 30, arbitrary: fc.constant(',') },
    { weight: 1, arbitrary: fc.constantFrom(' , ', '', ',,', ',1,', '\n,') },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(element, comma), { maxLength: 12 }), (parts) => {
      const payload = Buffer.from(parts.flat().slice(0, -1).join(''));
      const [fast, plain] = readBoth((table) => table.countPayload(payload));
      expect(fast).toEqual(plain);
    }),
    { numRuns },
  );
});

test('any bytes as payload give an answer, the same as the twin gives', () => {
  fc.assert(
    fc.property(bytes, (payload) => {
      const [fast, plain] = readBoth((table) => table.countPayload(payload));
      expect(fast).toEqual(plain);
    }),
    { numRuns },
  );
});

test('anything at each place of a block', () => {
  const pieces = [
    ' ',
    '"',
    '","',
    '\\"',
    '\\\\',
    '\\n',
    '\\u0020',
    '\\ud83d\\ude00',
    '\n',
    'é',
    '\\x',
    ',',
    '", "',
  ];
  for (const piece of pieces) {
    for (let place = 0; place < 140; place++) {
      const payload = Buffer.from(`"${'x'.repeat(place)}${piece}${'z'.repeat(30)} y"`);
      const [fast, plain] = readBoth((table) => table.countPayload(payload));
      expect(fast).toEqual(plain);
      const [fastText, plainText] = readBoth((table) => table.countWords(payload));
      expect(fastText).toEqual(plainText);
    }
  }
});

test('a payload cut off at each place', () => {
  const payload = Buffer.from(
    JSON.stringify(['one "two" three\\four', 'fünf\tsechs 😀', '', 'x'.repeat(90)]).slice(1, -1),
  );
  for (let length = 0; length <= payload.length; length++) {
    const [fast, plain] = readBoth((table) => table.countPayload(payload.subarray(0, length)));
    expect(fast).toEqual(plain);
  }
});

test('very long words', () => {
  const long = 'w'.repeat(1_000_000);
  const { fast, plain } = tables();
  for (const table of [fast, plain]) table.countWords(Buffer.from(`${long} ${long}x ${long}`));
  expect(allRows(fast, undefined, 1 << 23)).toBe(allRows(plain, undefined, 1 << 23));
  fast.free();
});
