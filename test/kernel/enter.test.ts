// Tables that others enter and leave: what is left is what adding up the rest gives, and what is inside can be had back.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kernel, Table } from '../../src/kernel/kernel.ts';
import { rowFormat } from '../../src/kernel/format.ts';
import { allRows, numRuns, twin, wasm, wordRows } from './support.ts';

type Pane = readonly (readonly [key: string, number: number])[];

function tableOf(kernel: Kernel, panes: readonly Pane[], hasExtremes = true): Table {
  const table = kernel.createTable({ values: 1, hasExtremes });
  for (const [key, number] of panes.flat()) {
    const group = table.groupOf(Buffer.from(key));
    table.count(group, 1);
    table.add(group, 0, number);
  }
  return table;
}

/** Key, count, and count and sum of the value; least and greatest are not kept when a table leaves. */
function sums(table: Table): string[] {
  return Array.from({ length: table.size }, (_, index) => table.group(index))
    .filter(({ count }) => count > 0)
    .map(
      ({ key, count, values }) =>
        `${Buffer.from(key).toString()} ${count} ${values.map((value) => `${value.count}/${value.sum}`).join()}`,
    )
    .sort();
}

const keys = fc.constantFrom(
  '',
  'a',
  'b',
  'sixteen bytes ok',
  'more than sixteen bytes',
  'more than sixteen B',
);
const anyPane = fc.array(fc.tuple(keys, fc.integer({ min: -5, max: 5 })), { maxLength: 8 });

const names = (table: Table): string[] =>
  Array.from({ length: table.size }, (_, group) => Buffer.from(table.group(group).key).toString());

/** A total of panes that come and go. */
class Window {
  readonly total: Table;
  readonly #kernel: Kernel;
  readonly #inside: Pane[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.total = kernel.createTable({ values: 1, hasExtremes: false });
  }

  get panes(): readonly Pane[] {
    return this.#inside;
  }

  enter(pane: Pane): void {
    const table = tableOf(this.#kernel, [pane], false);
    const { groups, bound } = this.total.enter(table);
    const entered = [...groups];
    expect(entered.map((group) => names(this.total)[group])).toEqual(names(table));
    const all = Array.from({ length: table.size }, (_, group) => table.group(group).values[0]?.sum ?? 0);
    expect(bound).toBe(Math.max(0, ...all.map(Math.abs)));
    this.#inside.push(pane);
    table.free();
  }

  /** Returns what the groups that are left were numbered, where that has changed. */
  leave(): number[] | undefined {
    this.#inside.shift();
    const known = names(this.total);
    const view = this.total.leave();
    const before = view && [...view];
    // In the order that they had, and only where more than half of them are left.
    expect(names(this.total)).toEqual(before ? before.map((group) => known[group]) : known);
    const empty = known.filter((_, group) => !before && this.total.group(group).count === 0);
    expect(empty.length).toBeLessThanOrEqual(known.length / 2);
    return before;
  }

  /** Everything inside is there as it was. */
  check(): void {
    for (const [place, pane] of this.#inside.entries()) {
      const table = tableOf(this.#kernel, [pane], false);
      expect(Buffer.from(this.total.exportEntered(place))).toEqual(Buffer.from(table.export()));
      table.free();
    }
  }
}

test.each([
  ['compiled', wasm],
  ['plain', twin],
])('panes that come and go, %s', (_, kernel) => {
  fc.assert(
    fc.property(fc.array(fc.option(anyPane), { maxLength: 20 }), fc.boolean(), (steps, isOrdered) => {
      const window = new Window(kernel);
      for (const step of steps) {
        if (step) window.enter(step);
        else window.leave();
        const { total, panes } = window;
        const whole = tableOf(kernel, panes);
        expect(sums(total)).toEqual(sums(whole));
        window.check();
        if (isOrdered) total.order();
        whole.order();
        const capacity = isOrdered ? 60 : 1 << 20;
        const rows = allRows(total, wordRows, capacity);
        // Unordered, they are in the order first seen.
        const expected = allRows(whole);
        if (isOrdered) expect(rows).toBe(expected);
        else expect(rows.split('},').length).toBe(expected.split('},').length);
        whole.free();
      }
      window.total.free();
    }),
    { numRuns },
  );
});

test('both kernels number groups alike, and give them up at once', () => {
  fc.assert(
    fc.property(fc.array(fc.option(anyPane), { maxLength: 20 }), (steps) => {
      const windows = [wasm, twin].map((kernel) => new Window(kernel));
      for (const step of steps) {
        const [fast, plain] = windows.map((window) => {
          const before = step ? window.enter(step) : window.leave();
          const { total } = window;
          const counts = names(total).map((__, group) => total.group(group).count);
          return { before, names: names(total), counts, rows: allRows(total) };
        });
        expect(fast).toEqual(plain);
      }
      windows[0]?.total.free();
    }),
    { numRuns },
  );
});

test('keys that come and go leave little behind, and their results are written', () => {
  const total = wasm.createTable();
  const enter = (text: string): number[] => {
    const pane = wasm.createTable();
    pane.countWords(Buffer.from(text));
    const groups = [...total.enter(pane).groups];
    pane.free();
    return groups;
  };
  enter('a long key that leaves__________ b c');
  const later = enter('c d');
  expect(total.leave()).toBeDefined();
  expect(total.size).toBe(2);
  expect(later).not.toEqual([0, 1]);
  total.setResults(Float64Array.of(3, 4));
  total.order();
  const format = rowFormat([
    { name: 'k', kind: 'key' },
    { name: 'p', kind: 'result', index: 0 },
  ]);
  expect(allRows(total, format)).toBe('{"k":"c","p":3},{"k":"d","p":4}');
  expect(total.leave()).toEqual(new Uint32Array());
  expect(allRows(total)).toBe('');
  expect(total.leave()).toBeUndefined();
});

test.each([
  ['compiled', wasm],
  ['plain', twin],
])('a group that counts nothing may be removed before what it entered with leaves, %s', (_, kernel) => {
  const total = kernel.createTable();
  const pane = kernel.createTable();
  for (const [key, times] of [
    ['nothing', 0],
    ['a', 1],
  ] as const)
    pane.count(pane.groupOf(Buffer.from(key)), times);
  for (const text of ['b c d e', 'f']) {
    const other = kernel.createTable();
    other.countWords(Buffer.from(text));
    total.enter(other);
    if (text !== 'f') total.enter(pane);
  }
  expect([...(total.leave() ?? [])].length).toBe(2);
  const copy = kernel.createTable();
  expect([...copy.absorb(total.exportEntered(0))]).toEqual([0]);
  expect([...copy.absorb(total.exportEntered(7))]).toEqual([]);
  expect(allRows(copy)).toBe('{"word":"a","count":1}');
  total.leave();
  expect(allRows(total)).toBe('{"word":"f","count":1}');
  total.clear();
  expect(total.leave()).toBeUndefined();
});

test.each([
  ['compiled', wasm, twin],
  ['plain', twin, wasm],
])(
  'an overflow group is merged, and only tables of one kernel with the same values, %s',
  (_, kernel, stranger) => {
    const crowded = kernel.createTable({ maxKeys: 1 });
    crowded.countWords(Buffer.from('a b a c'));
    const total = kernel.createTable();
    total.countWords(Buffer.from('x'));
    expect([...total.merge(crowded)]).toEqual([1]);
    expect([...total.absorb(crowded.export())]).toEqual([2 ** 32 - 1, 1]);
    expect(allRows(total)).toBe('{"word":"x","count":1},{"word":"a","count":4},{"word":"_other","count":4}');
    expect(() => total.merge(kernel.createTable({ values: 1 }))).toThrow(RangeError);
    const without = kernel.createTable({ values: 1, hasExtremes: false });
    expect(() => without.merge(kernel.createTable({ values: 1 }))).toThrow(RangeError);
    expect(() => wasm.createTable().merge(stranger.createTable({ values: 1 }))).toThrow(RangeError);
  },
);

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
  const total = wasm.createTable();
  const enter = (...range: [number, number]): void => {
    const pane = counted(range);
    total.enter(pane);
    pane.free();
  };
  enter(0, 60_000);
  enter(50_000, 100_000);
  enter(20_000, 70_000);
  expect(total.leave()).toBeUndefined();
  expect(total.leave()?.length).toBe(50_000);
  expect(total.size).toBe(50_000);
  enter(60_000, 80_000);
  const left = counted([20_000, 70_000], [60_000, 80_000]);
  total.order();
  left.order();
  expect(allRows(total) === allRows(left)).toBe(true);
  total.leave();
  total.leave();
  expect(total.size).toBe(0);
  total.countWords(Buffer.from('again'));
  expect(allRows(total)).toBe('{"word":"again","count":1}');
});

test.each([
  ['compiled', wasm],
  ['plain', twin],
])('exact are integers that a double holds, %s', (_, kernel) => {
  const boundOf = (merged: Table, values = 1): number => kernel.createTable({ values }).enter(merged).bound;
  const table = kernel.createTable({ values: 1, maxKeys: 1 });
  const group = table.groupOf(Buffer.from('a'));
  table.count(group, 1);
  table.add(group, 0, 2 ** 53 - 1);
  expect(boundOf(table)).toBe(2 ** 53 - 1);
  table.add(group, 0, 2);
  expect(boundOf(table)).toBe(Infinity);
  table.add(group, 0, -(2 ** 53));
  table.add(group, 0, 0.5);
  expect(boundOf(table)).toBe(Infinity);
  for (const [number, bound] of [
    [0.5, Infinity],
    [2 ** 60, Infinity],
    [-3, 3],
  ] as const)
    expect(boundOf(tableOf(kernel, [[['a', number]]]))).toBe(bound);
  const crowded = kernel.createTable({ maxKeys: 1 });
  crowded.countWords(Buffer.from('a b'));
  expect(boundOf(crowded, 0)).toBe(Infinity);
});
