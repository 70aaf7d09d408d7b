// Rows as lines of text: both kernels, and what the formats of emit write of the same rows one by one.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kernel, Layout } from '../../src/kernel/kernel.ts';
import { numRuns, twin, validText, wasm } from './support.ts';

const layouts = (columns: readonly string[]): Layout[] => [
  { style: 'ndjson' },
  { style: 'csv', columns },
  { style: 'tsv', columns },
  { style: 'copy', columns },
];

function laidOut(kernel: Kernel, rows: Buffer, most: number, layout: Layout, opening = ''): unknown {
  const { bytes, rows: count, consumed } = kernel.layOutRows(rows, most, layout, Buffer.from(opening));
  return { text: Buffer.from(bytes).toString('latin1'), count, consumed };
}

test.each([wasm, twin])('$kind: cells in all their spellings', (kernel) => {
  const row = (value: string): Buffer => Buffer.from(`{"a":${value},"b":1}`);
  const [, csv, tsv] = layouts(['a', 'b']) as [Layout, Layout, Layout];
  const cases: [string, string, string][] = [
    ['"plain"', 'plain', 'plain'],
    ['""', '', ''],
    ['"a,b"', '"a,b"', 'a,b'],
    ['"say \\"x\\""', '"say ""x"""', 'say "x"'],
    ['"a\\nb\\tc\\r"', '"a\nb\tc\r"', 'a\\nb\\tc\\r'],
    ['"back\\\\slash"', 'back\\slash', 'back\\\\slash'],
    ['"\\u00e9\\/"', 'é/', 'é/'],
    ['null', '', ''],
    ['true', 'true', 'true'],
    ['-12', '-12', '-12'],
    ['1.50', '1.5', '1.5'],
    ['12.333333333333334', '12.333333333333334', '12.333333333333334'],
  ];
  for (const [value, inCsv, inTsv] of cases) {
    expect(Buffer.from(kernel.layOutRows(row(value), 9, csv, Buffer.alloc(0)).bytes).toString()).toBe(
      `${inCsv},1\n`,
    );
    expect(Buffer.from(kernel.layOutRows(row(value), 9, tsv, Buffer.alloc(0)).bytes).toString()).toBe(
      `${inTsv}\t1\n`,
    );
  }
});

test.each([wasm, twin])('$kind: what is not spelled just so is left to the caller', (kernel) => {
  const [ndjson, csv] = layouts(['a']) as [Layout, Layout, Layout];
  const first = '{"a":1},';
  const rest = [
    '{"a": 1}',
    '{"b":1}',
    '{"a":1,"b":2}',
    '{"a":[]}',
    '{"a":-0}',
    '{"a":9007199254740993}',
    '1',
  ];
  for (const text of rest) {
    expect(laidOut(kernel, Buffer.from(first + text), 9, csv)).toEqual({
      text: '1\n',
      count: 1,
      consumed: 8,
    });
  }
  for (const text of ['{}', '1', '{"a":}', '{"a":1}}', '{"a":1},']) {
    expect(laidOut(kernel, Buffer.from(first + text), 9, ndjson)).toMatchObject({ count: 1, consumed: 8 });
  }
  expect(laidOut(kernel, Buffer.from('{"a":1},{"a":2}'), 1, csv)).toEqual({
    text: '1\n',
    count: 1,
    consumed: 8,
  });
});

test('rows are laid out as the twin lays them out', () => {
  const cell = fc.oneof(validText, fc.double(), fc.integer(), fc.constantFrom(null, true, [], { a: 1 }));
  const row = fc.tuple(cell, cell).map(([a, b]) => JSON.stringify({ 'k "1"': a, count: b }));
  const respelled = fc.tuple(
    row,
    fc.nat(200),
    fc.constantFrom(' ', '1', '"', '\\', '}', ',', '.', 'e', '\t'),
  );
  const texts = fc.oneof(
    { weight: 8, arbitrary: row },
    {
      weight: 1,
      arbitrary: respelled.map(
        ([text, at, piece]) => text.slice(0, at % text.length) + piece + text.slice(at % text.length),
      ),
    },
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 8 }), fc.nat(9), fc.boolean(), (rows, most, opens) => {
      const payload = Buffer.from(rows.join(','));
      const opening = opens ? '{"window_start":"x"' : '';
      for (const layout of layouts(['k "1"', 'count'])) {
        expect(laidOut(wasm, payload, most, layout, opening)).toEqual(
          laidOut(twin, payload, most, layout, opening),
        );
      }
    }),
    { numRuns },
  );
});
