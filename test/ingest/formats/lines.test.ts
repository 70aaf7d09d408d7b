import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFrom } from '../../../src/ingest/formats/registry.ts';
import { failOnReject } from '../../../src/stage/rejects.ts';

function encode(region: Buffer): { records: unknown; count: number; damaged: number | undefined } {
  const format = formatFrom({ format: 'lines' }, failOnReject);
  const pieces = Array.from(format.encode(region, (line) => `test, line ${1 + line}`));
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
  expect(pieces.reduce((sum, piece) => sum + piece.lines, 0)).toBe(count);
  const payload = pieces.map((piece) => piece.payload.toString()).join(',');
  return { records: JSON.parse(`[${payload}]`), count, damaged: format.counters()['damaged'] };
}

describe('lines', () => {
  test.each([
    ['an empty line', '\n', ['']],
    ['two empty lines', '\n\n', ['', '']],
    ['quotes and backslashes', 'a "b" \\n\n', ['a "b" \\n']],
    ['lines that end with \\r\\n', 'a\r\n\r\nb\r\n', ['a', '', 'b']],
    ['both kinds of ends', 'a\r\nb\nc\r\n', ['a', 'b', 'c']],
    ['one \\r\\n as the last', 'a\nb\r\n', ['a', 'b']],
    ['\\r within a line stays', 'a\rb\n', ['a\rb']],
    ['of two \\r one belongs to the end', 'a\r\r\nb\r\r\n', ['a\r', 'b\r']],
    ['a byte order mark stays', '\ufeffa\n', ['\ufeffa']],
    ['line separators of Unicode are text', 'a\u2028b\u0085\n', ['a\u2028b\u0085']],
  ])('%s', (_name, text, records) => {
    expect(encode(Buffer.from(text))).toEqual({ records, count: records.length, damaged: 0 });
  });

  test('(fault 14) damaged lines are decoded with U+FFFD and counted, once a line', () => {
    const region = Buffer.from('ok\n\xff\xfe\nr\xe9sum\xe9\nok\n', 'latin1');
    const records = ['ok', '\ufffd\ufffd', 'r\ufffdsum\ufffd', 'ok'];
    expect(encode(region)).toEqual({ records, count: 4, damaged: 2 });
  });

  test('a count is told once', () => {
    const format = formatFrom({ format: 'lines' }, failOnReject);
    Array.from(format.encode(Buffer.from('\xff\n', 'latin1'), (line) => `test, line ${1 + line}`));
    expect(format.counters()).toEqual({ damaged: 1 });
    expect(format.counters()).toEqual({ damaged: 0 });
  });

  test('property: each line by itself gives the same record', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '\r', ' ', '"', 'é', '\u0000') });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const records = lines.map((text) => text.replace(/\r$/, ''));
        expect(encode(Buffer.from(`${lines.join('\n')}\n`)).records).toEqual(records);
      }),
    );
  });
});
