// Lines of JSON as the payload of an envelope.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { bytes, numRuns, twin, validText, wasm } from './support.ts';

function encoded(kernel: Kernel, lines: Buffer): unknown {
  const { bytes: payload, values, lines: count, consumed } = kernel.encodeValues(lines);
  return { payload: Buffer.from(payload).toString('latin1'), values, lines: count, consumed };
}

test.each([wasm, twin])('$kind: values keep their own bytes', (kernel) => {
  const text = ' {"a": 1.50} \r\n\n\t\n"x"\nnull\n12345678901234567890\n[1,\t2]';
  expect(encoded(kernel, Buffer.from(text))).toEqual({
    payload: '{"a": 1.50},"x",null,12345678901234567890,[1,\t2]',
    values: 5,
    lines: 7,
    consumed: text.length,
  });
});

test.each([wasm, twin])('$kind: stops ahead of what is no JSON', (kernel) => {
  for (const wrong of ['x', '1 2', '{"a":', '{"a":1}}', '\uFEFF1', '01', '"\\x"', '"a\tb"']) {
    const text = Buffer.from(`1\n${wrong}\n2\n`);
    expect(encoded(kernel, text)).toEqual({ payload: '1', values: 1, lines: 1, consumed: 2 });
  }
  // A value may not go on in the next line.
  expect(encoded(kernel, Buffer.from('[1,\n2]\n'))).toMatchObject({ values: 0, consumed: 0 });
  expect(encoded(kernel, Buffer.from([0x31, 0x0a, 0x22, 0xff, 0x22, 0x0a]))).toMatchObject({ values: 0 });
});

test('any lines as the twin encodes them', () => {
  const value = fc.oneof(
    fc.jsonValue().map((json) => JSON.stringify(json)),
    validText,
    fc.constantFrom('', ' ', '\r', '{}', ' 1', '2 ', '-', '1e5'),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 8 }), fc.boolean(), (lines, ends) => {
      const text = Buffer.from(lines.join('\n') + (ends ? '\n' : ''));
      expect(encoded(wasm, text)).toEqual(encoded(twin, text));
    }),
    { numRuns },
  );
  fc.assert(
    fc.property(bytes, (text) => {
      expect(encoded(wasm, text)).toEqual(encoded(twin, text));
    }),
    { numRuns },
  );
});
