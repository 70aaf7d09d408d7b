import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Selection } from '../../src/emit/selection.ts';

type Settings = { sort?: string; reverse?: boolean; top?: number };

function select(rows: readonly string[], { sort, reverse = false, top }: Settings): string[] {
  const selection = new Selection({ sort, reverse, top });
  for (const row of rows) selection.add([row]);
  return selection.take();
}

const of = (...values: string[]): string[] => values.map((value, index) => `{"a":${value},"i":${index}}`);
const values = (rows: readonly string[]): string[] => rows.map((row) => /"a":(.*),"i"/.exec(row)?.[1] ?? row);

describe('order', () => {
  test.each([
    {
      name: 'numbers from the largest',
      rows: of('1', '10', '9'),
      settings: { sort: 'a' },
      expected: ['10', '9', '1'],
    },
    {
      name: 'numbers reversed',
      rows: of('1', '10', '9'),
      settings: { sort: 'a', reverse: true },
      expected: ['1', '9', '10'],
    },
    {
      name: 'text from A, by bytes',
      rows: of('"b"', '"a"', '"é"', '"Z"'),
      settings: { sort: 'a' },
      expected: ['"Z"', '"a"', '"b"', '"é"'],
    },
    {
      name: 'numbers, text, then the rest',
      rows: of('null', '"x"', '1', '[]'),
      settings: { sort: 'a' },
      expected: ['1', '"x"', 'null', '[]'],
    },
    {
      name: 'reversed, the rest stays last',
      rows: of('null', '"x"', '1'),
      settings: { sort: 'a', reverse: true },
      expected: ['"x"', '1', 'null'],
    },
    {
      name: 'big integers',
      rows: of('9007199254740992', '9007199254740993'),
      settings: { sort: 'a' },
      expected: ['9007199254740993', '9007199254740992'],
    },
    {
      name: 'equal numbers written in two ways stay as they came',
      rows: of('10000000000000000', '1e16'),
      settings: { sort: 'a', reverse: true },
      expected: ['10000000000000000', '1e16'],
    },
    {
      name: 'top without sort: the first',
      rows: of('1', '3', '2'),
      settings: { top: 2 },
      expected: ['1', '3'],
    },
    { name: 'top with sort', rows: of('1', '3', '2'), settings: { sort: 'a', top: 2 }, expected: ['3', '2'] },
    {
      name: 'rows that are numbers, as column record',
      rows: ['9', '10', '"x"', '100'],
      settings: { sort: 'record' },
      expected: ['100', '10', '9', '"x"'],
    },
    {
      name: 'a column that rows do not have',
      rows: of('1', '2'),
      settings: { sort: 'constructor' },
      expected: ['1', '2'],
    },
  ])('$name', ({ rows, settings, expected }) => {
    expect(values(select(rows, settings))).toEqual(expected);
  });

  test('property: ties keep their order, also where most rows are let go early', () => {
    const numbers = fc.array(fc.nat(3), { minLength: 1000, maxLength: 3000 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 5 }), (list, top) => {
        const rows = of(...list.map(String));
        const sorted = rows.toSorted((one, other) => Number(values([other])[0]) - Number(values([one])[0]));
        expect(select(rows, { sort: 'a', top })).toEqual(sorted.slice(0, top));
      }),
      { numRuns: 10 },
    );
  });

  test('a selection begins anew with each table', () => {
    const selection = new Selection({ sort: undefined, reverse: false, top: 1 });
    selection.add(['1', '2']);
    expect(selection.take()).toEqual(['1']);
    selection.add(['3']);
    expect(selection.take()).toEqual(['3']);
  });
});
