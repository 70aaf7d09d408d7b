// Tables from which others are taken away: what is left is what adding up the rest gives.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kernel, Table } from '../../src/kernel/kernel.ts';
import { allRows, numRuns, twin, wasm } from './support.ts';

type Pane = readonly (readonly [key: string, number: number])[];

function tableOf(kernel: Kernel, panes: readonly Pane[]): Table {
  const table = kernel.createTable({ values: 1 });
  for (const [key, number] of panes.flat()) {
    const group = table.groupOf(Buffer.from(key));
    table.count(group, 1);
    table.add(group, 0, number);
  }
  return table;
}

/** Key, count, and count and sum of the value; least and greatest are not kept by a subtraction. */
function sums(table: Table): string[] {
  return Array.from({ length: table.size }, (_, index) => {
    const { key, count, values } = table.group(index);
    return `${Buffer.from(key).toString()} ${count} ${values.map((value) => `${value.count}/${value.sum}`).join()}`;
  }).sort();
}

const keys = fc.constantFrom(
  '',
  'a',
  'b',
  'sixteen bytes ok',
  'more than sixteen bytes',
  'more than sixteen B',
);
const pane = fc.array(fc.tuple(keys, fc.integer({ min: -5, max: 5 })), { maxLength: 8 });

test.each([
  ['compiled', wasm],
  ['plain', twin],
])('panes that come and go, %s', (_, kernel) => {
  fc.assert(
    fc.property(fc.array(fc.option(pane), { maxLength: 20 }), (steps) => {
      const total = kernel.createTable({ values: 1 });
      let inside: Pane[] = [];
      // A pane comes, or the oldest one goes.
      for (const step of steps) {
        if (step) total.absorb(tableOf(kernel, [step]).export());
        else if (inside[0]) total.subtract(tableOf(kernel, [inside[0]]));
        inside = step ? [...inside, step] : inside.slice(1);
        const whole = tableOf(kernel, inside);
        expect(sums(total)).toEqual(sums(whole));
        expect(total.exactBound()).toBe(whole.exactBound());
        total.order();
        whole.order();
        expect(allRows(total)).toBe(allRows(whole));
        whole.free();
      }
      total.free();
    }),
    { numRuns: Math.ceil(numRuns / 4) },
  );
});

test.each([
  ['compiled', wasm],
  ['plain', twin],
])('whose groups are whose, and what they were numbered before, %s', (_, kernel) => {
  const names = (table: Table): string[] =>
    Array.from({ length: table.size }, (__, group) => Buffer.from(table.group(group).key).toString());
  fc.assert(
    fc.property(pane, pane, fc.boolean(), (one, other, isExported) => {
      const total = tableOf(kernel, [one]);
      const added = tableOf(kernel, [other]);
      const groups = [...(isExported ? total.absorb(added.export()) : total.merge(added))];
      const known = names(total);
      expect(groups.map((group) => known[group])).toEqual(names(added));
      const first = tableOf(kernel, [one]);
      const before = total.subtract(first);
      expect(total.size === known.length).toBe(before === undefined);
      const numbers = before ? [...before] : known.map((__, group) => group);
      expect(numbers.map((group) => known[group])).toEqual(names(total));
      expect(names(total).toSorted()).toEqual(names(added).toSorted());
      for (const table of [total, added, first]) table.free();
    }),
    { numRuns: Math.ceil(numRuns / 4) },
  );
});

test.each([
  ['compiled', wasm, twin],
  ['plain', twin, wasm],
])('an overflow group is merged and cannot be taken away, %s', (_, kernel, stranger) => {
  const crowded = kernel.createTable({ maxKeys: 1 });
  crowded.countWords(Buffer.from('a b a c'));
  const total = kernel.createTable();
  total.countWords(Buffer.from('x'));
  expect([...total.merge(crowded)]).toEqual([1]);
  expect([...total.absorb(crowded.export())]).toEqual([2 ** 32 - 1, 1]);
  expect(allRows(total)).toBe('{"word":"x","count":1},{"word":"a","count":4},{"word":"_other","count":4}');
  expect(() => total.subtract(crowded)).toThrow(RangeError);
  expect(() => total.merge(kernel.createTable({ values: 1 }))).toThrow(RangeError);
  expect(() => wasm.createTable().merge(stranger.createTable({ values: 1 }))).toThrow(RangeError);
});

test('half of many keys leave, over all chunks and slots, and come back', () => {
  const words = (from: number, until: number): Uint8Array =>
    Buffer.from(
      Array.from(
        { length: until - from },
        (_, index) => `${index % 3 ? 'word' : 'a word of length '.replaceAll(' ', '_')}${from + index}`,
      ).join(' '),
    );
  const counted = (...ranges: [number, number][]): Table => {
    const table = wasm.createTable();
    for (const [from, until] of ranges) table.countWords(words(from, until));
    return table;
  };
  const total = counted([0, 60_000], [50_000, 100_000]);
  total.subtract(counted([0, 60_000]));
  expect(total.size).toBe(50_000);
  total.absorb(counted([20_000, 70_000]).export());
  total.subtract(counted([50_000, 100_000]));
  const left = counted([20_000, 70_000]);
  total.order();
  left.order();
  expect(allRows(total) === allRows(left)).toBe(true);
  total.subtract(left);
  expect(total.size).toBe(0);
  total.countWords(Buffer.from('again'));
  expect(allRows(total)).toBe('{"word":"again","count":1}');
});

test.each([
  ['compiled', wasm],
  ['plain', twin],
])('exact are integers that a double holds, %s', (_, kernel) => {
  const table = kernel.createTable({ values: 1, maxKeys: 1 });
  const group = table.groupOf(Buffer.from('a'));
  table.count(group, 1);
  table.add(group, 0, 2 ** 53 - 1);
  expect(table.exactBound()).toBe(2 ** 53 - 1);
  table.add(group, 0, 2);
  expect(table.exactBound()).toBe(Infinity);
  table.add(group, 0, -(2 ** 53));
  table.add(group, 0, 0.5);
  expect(table.exactBound()).toBe(Infinity);
  const crowded = kernel.createTable({ maxKeys: 1 });
  crowded.countWords(Buffer.from('a b'));
  expect(crowded.exactBound()).toBe(Infinity);
});
