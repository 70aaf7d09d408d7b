import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvFormat } from '../../src/emit/formats/delimited.ts';
import { parseCsv } from '../../src/reduce/csv.ts';

test.each<[string, string[][], number[]]>([
  ['', [], []],
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
    [1, 2],
  ],
  [
    'a,b\r\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
    [1, 2],
  ],
  ['a\n\n1\n', [['a'], ['1']], [1, 3]],
  ['a,,\n', [['a', '', '']], [1]],
  ['"a,b","c""d","e\nf"\ng\n', [['a,b', 'c"d', 'e\nf'], ['g']], [1, 3]],
  ['""\n', [], []],
  ['"never closed,\n1', [['never closed,\n1']], [1]],
  ['a"b,c', [['a"b,c']], [1]],
])('%j', (text, cells, lines) => {
  const parsed = parseCsv(text);
  expect(parsed.map((line) => line.cells)).toEqual(cells);
  expect(parsed.map(({ line }) => line)).toEqual(lines);
});

test('what emit writes is read back', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), async (rows) => {
      const texts = rows.map(([a, b]) => JSON.stringify({ a: `x${a}`, b }));
      const text = await csvFormat().write(texts, { isWindow: false }, true);
      expect(parseCsv(text).map(({ cells }) => cells)).toEqual([
        ['a', 'b'],
        ...rows.map(([a, b]) => [`x${a}`, b]),
      ]);
    }),
  );
});
