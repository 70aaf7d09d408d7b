import sliceAnsi from 'slice-ansi';
import { describe, expect, test } from 'vitest';
import type { TableHead } from '../../../src/emit/formats/format.ts';
import { rowFormats } from '../../../src/emit/formats/registry.ts';
import { headingOf, TableFormat } from '../../../src/emit/formats/table.ts';

const plain: TableHead = { batch: 0, isWindow: false };
const window: TableHead = { batch: 0, interval: { start: 0, end: 30_000 }, isWindow: true };

async function write(name: keyof typeof rowFormats, rows: string[], head = plain): Promise<string[]> {
  const format = await rowFormats[name].create();
  return (await format.write(rows, head, true)).split('\n').slice(0, -1);
}

// First, since the library that knows widths stays loaded once it is.
test('table: wide characters written as escapes take their width', async () => {
  const rows = [String.raw`{"a":"\u6f22","b":"x"}`, '{"a":"ab","b":"y"}'];
  expect((await write('table', rows)).slice(2)).toEqual(['漢  x', 'ab  y']);
});

describe('ndjson', () => {
  test.each([
    ['own bytes', ['{"a": 1.0}', '9007199254740993'], plain, ['{"a": 1.0}', '9007199254740993']],
    ['a window', ['{"a":1}', '{}', '{ }', '"x"'], window, ['{"a":1}', '{}', '{}', '{"record":"x"}']],
  ])('%s', async (_name, rows, head, expected) => {
    const lines = await write('ndjson', rows, head);
    if (!head.isWindow) return expect(lines).toEqual(expected);
    const times = { window_start: '1970-01-01T00:00:00Z', window_end: '1970-01-01T00:00:30Z' };
    const objects = expected.map((text): unknown => Object.assign({}, times, JSON.parse(text)));
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(objects);
  });
});

describe('csv and tsv', () => {
  test.each([
    [
      'csv',
      ['{"a":"x,y","b":1}', '{"a":"say \\"hi\\"","b":null}', '{"a":"two\\nlines"}'],
      ['a,b', '"x,y",1', '"say ""hi""",', '"two', 'lines",'],
    ],
    [
      'tsv',
      ['{"a":"x\\ty","b":[1,2]}', '{"a":"\\\\n","b":true}', '{"b":9007199254740993}'],
      ['a\tb', 'x\\ty\t[1,2]', '\\\\n\ttrue', '\t9007199254740993'],
    ],
    ['csv', ['"text"', '5'], ['record', 'text', '5']],
    ['csv', ['{"__proto__":1}'], ['__proto__', '1']],
  ] as const)('%s', async (name, rows, expected) => {
    expect(await write(name, [...rows])).toEqual(expected);
  });

  test('windows are two columns more', async () => {
    expect(await write('csv', ['{"a":1}'], window)).toEqual([
      'window_start,window_end,a',
      '1970-01-01T00:00:00Z,1970-01-01T00:00:30Z,1',
    ]);
  });

  test('a heading is written once; a column it lacks is an error', async () => {
    const format = await rowFormats.csv.create();
    expect(await format.write(['{"a":1}'], plain, true)).toBe('a\n1\n');
    expect(await format.write(['{"a":2}'], plain, true)).toBe('2\n');
    expect(() => format.write(['{"b":3}'], plain, true)).toThrow(
      `column 'b' is not in the heading, in row {"b":3}`,
    );
  });
});

describe('table', () => {
  test.each([
    {
      name: 'numbers to the right, text to the left',
      rows: ['{"word":"a","count":10}', '{"word":"long","count":9}'],
      lines: ['word  count', 'a        10', 'long      9'],
    },
    {
      name: 'an empty cell says nothing about its column',
      rows: ['{"a":null,"b":1}', '{"a":10,"b":2}', '{"a":9,"b":null}'],
      lines: [' a  b', '    1', '10  2', ' 9'],
    },
    {
      name: 'wide and combining characters',
      rows: ['{"a":"漢字","b":1}', '{"a":"e\u0301","b":2}'],
      lines: ['a     b', '漢字  1', 'e\u0301     2'],
    },
    {
      name: 'controls are shown',
      rows: ['{"a":"\\u001b[31m\\n","\\u0007":1}'],
      lines: ['a           \\x07', '\\x1b[31m\\n     1'],
    },
    { name: 'no rows', rows: [], lines: [] },
  ])('$name', async ({ rows, lines }) => {
    expect((await write('table', rows)).slice(1)).toEqual(lines);
  });

  test.each([
    [30, 'numbers stand', 'b', 'numbers stand  1  b'],
    [22, '/shop/items/behind/7', 'b', '/shop/it…d/7  1  b'],
    [9, '/shop/items/behind/7', 'b', '/shop…/7  1  b'],
    [22, '漢字漢字漢字漢字終', 'b', '漢字漢字…終   1  b'],
    [23, '漢字漢字漢字漢字終了', 'b', '漢字漢字…終了  1  b'],
    [24, '漢字漢字漢字漢字終了', 'b', '漢字漢字…終了   1  b'],
    [20, 'behind which', 'and longer too', 'behin…ch  1  and l…oo'],
    [25, 'behind which', 'and longer too', 'behind…ich  1  and lo…too'],
    [30, 'behind which', 'and longer still', 'behind which  1  and long…till'],
  ])('in %i columns long texts are cut, and numbers are not: %s, %s', async (width, key, other, line) => {
    const row = JSON.stringify({ key, n: 1, other });
    const format = new TableFormat({ width, slice: sliceAnsi });
    expect((await format.write([row], plain, true)).split('\n')[2]).toBe(line);
  });

  test.each([
    [plain, 'batch 0'],
    [window, 'window 1970-01-01T00:00:00Z to 00:00:30Z (30s)'],
    [
      { batch: 7, interval: { start: -1, end: 1 }, isWindow: false },
      'batch 7 1969-12-31T23:59:59.999Z to 1970-01-01T00:00:00.001Z (2ms)',
    ],
  ])('heading %o', (head, text) => {
    expect(headingOf(head)).toBe(text);
  });
});
