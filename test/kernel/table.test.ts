// The keyed table: growth, order, rows out and back in, export, overflow.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowFormat } from '../../src/kernel/format.ts';
import type { RowFormat, Table } from '../../src/kernel/kernel.ts';
import {
  allRows,
  bytes,
  contents,
  numRuns,
  readBoth,
  tables,
  twin,
  validText,
  wasm,
  wordRows,
} from './support.ts';

test('grows to a million keys and keeps them in order', () => {
  const table = wasm.createTable();
  const keys = Array.from({ length: 1_000_000 }, (_, index) => `k${Math.imul(index, 0x9e3779b1) >>> 0}`);
  for (let at = 0; at < keys.length; at += 50_000)
    table.countWords(Buffer.from(keys.slice(at, at + 50_000).join(' ')));
  table.countWords(Buffer.from(keys.join('\n')));
  expect(table.size).toBe(keys.length);
  expect(Buffer.from(table.group(123_456).key).toString()).toBe(keys[123_456]);
  table.order();
  const expected = keys
    .toSorted()
    .map((key) => `{"word":"${key}","count":2}`)
    .join(',');
  expect(allRows(table) === expected).toBe(true);
  table.free();
});

const keysOnly: RowFormat = {
  cells: [{ before: Buffer.alloc(0), kind: 'key', index: 0 }],
  end: Buffer.from('\n'),
};

test('orders keys by their bytes', () => {
  // Many that agree far into the key, by 8 bytes, by more, and by more than recursion goes down.
  const shared = fc.constantFrom('', 'same', 'same8888', 'x'.repeat(40), 'y'.repeat(150), 'y'.repeat(151));
  const key = fc
    .tuple(shared, fc.constantFrom('', '\0', '\0\0', 'a', '\0a', 'é'), fc.string({ maxLength: 4 }))
    .map((parts) => Buffer.from(parts.join('')));
  fc.assert(
    fc.property(fc.array(fc.oneof(key, bytes), { maxLength: 300, size: 'max' }), (keys) => {
      const table = wasm.createTable();
      for (const each of keys) table.count(table.groupOf(each), 1);
      table.order();
      const sorted = [...new Map(keys.map((each) => [each.toString('latin1'), each])).values()].toSorted(
        (one, other) => Buffer.compare(one, other),
      );
      expect(allRows(table, keysOnly)).toBe(
        sorted.map((each) => `${JSON.stringify(each.toString())}\n`).join(','),
      );
      table.free();
    }),
    { numRuns: Math.ceil(numRuns / 4) },
  );
});

const statistics = rowFormat([
  { name: 'key', kind: 'key' },
  { name: 'count', kind: 'count' },
  { name: 'sum', kind: 'sum' },
  { name: 'min', kind: 'least' },
  { name: 'max', kind: 'greatest' },
  { name: 'n', kind: 'value-count' },
]);
const numbers = fc.array(
  fc.tuple(validText, fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))),
  { maxLength: 40 },
);

const fill = (table: Table, rows: readonly (readonly [string, number])[]): void => {
  for (const [key, number] of rows) {
    const group = table.groupOf(Buffer.from(key));
    table.count(group, 1);
    table.add(group, 0, number);
  }
};

test('numbers are added and written as the twin does', () => {
  fc.assert(
    fc.property(
      numbers,
      fc.integer({ min: 2000, max: 9000 }),
      fc.boolean(),
      (rows, capacity, hasExtremes) => {
        const { fast, plain } = tables({ values: 1, hasExtremes });
        for (const table of [fast, plain]) fill(table, rows);
        expect(contents(fast)).toEqual(contents(plain));
        expect(allRows(fast, statistics, capacity)).toBe(allRows(plain, statistics, capacity));
        for (const table of [fast, plain]) table.order();
        expect(allRows(fast, statistics, capacity)).toBe(allRows(plain, statistics, capacity));
        fast.free();
      },
    ),
    { numRuns },
  );
});

test('groups without numbers have null', () => {
  for (const kernel of [wasm, twin]) {
    const table = kernel.createTable({ values: 1 });
    table.count(table.groupOf(Buffer.from('k')), 3);
    expect(allRows(table, statistics)).toBe('{"key":"k","count":3,"sum":null,"min":null,"max":null,"n":0}');
  }
});

test('sums do not collect rounding errors', () => {
  const table = wasm.createTable({ values: 1 });
  fill(table, [
    ['k', 1e100],
    ['k', 1],
    ['k', -1e100],
  ]);
  expect(table.group(0).values[0]?.sum).toBe(1);
});

test('what a sum lost to rounding stays beside it', () => {
  for (const kernel of [wasm, twin]) {
    const table = kernel.createTable({ values: 1 });
    fill(table, [
      ['k', 2 ** 53],
      ['k', 1],
    ]);
    expect(table.group(0).values[0]).toMatchObject({ sum: 2 ** 53, lost: 1 });
  }
});

test('rows are cut at the capacity, never inside a row', () => {
  fc.assert(
    fc.property(
      fc.array(validText, { maxLength: 20 }),
      fc.nat(300),
      fc.boolean(),
      (keys, capacity, following) => {
        const { fast, plain } = tables();
        for (const table of [fast, plain])
          for (const key of keys) table.count(table.groupOf(Buffer.from(key)), 7);
        const [one, two] = [fast, plain].map((table) => table.rows(wordRows, 0, capacity, following));
        expect({ ...one, bytes: Buffer.from(one!.bytes).toString() }).toEqual({
          ...two,
          bytes: Buffer.from(two!.bytes).toString(),
        });
        fast.free();
      },
    ),
    { numRuns },
  );
});

test('keys beyond maxKeys are one group, apart from a real key of its name', () => {
  for (const kernel of [wasm, twin]) {
    const table = kernel.createTable({ maxKeys: 2 });
    table.countWords(Buffer.from('_other b c d b'));
    expect([table.size, table.overflowed]).toEqual([2, true]);
    expect(allRows(table)).toBe(
      '{"word":"_other","count":1},{"word":"b","count":2},{"word":"_other","count":2}',
    );
    expect(table.groupOf(Buffer.from('e'))).toBe(-1);
    table.clear();
    expect([table.size, table.overflowed, allRows(table)]).toEqual([0, false, '']);
  }
});

const extremes = fc.record({ left: fc.boolean(), right: fc.boolean() });

test('an exported table is absorbed, from either kernel into either', () => {
  fc.assert(
    fc.property(
      numbers,
      numbers,
      fc.integer({ min: 1, max: 20 }),
      extremes,
      (first, second, maxKeys, have) => {
        const results = [];
        const exports = [];
        for (const from of [wasm, twin]) {
          for (const into of [wasm, twin]) {
            const left = from.createTable({ values: 1, maxKeys, hasExtremes: have.left });
            const right = into.createTable({ values: 1, hasExtremes: have.right });
            fill(left, first);
            fill(right, second);
            const exported = left.export();
            exports.push(Buffer.from(exported).toString('hex'));
            right.absorb(exported);
            results.push(contents(right));
            left.free();
            right.free();
          }
        }
        for (const result of results) expect(result).toEqual(results[0]);
        expect(new Set(exports).size).toBe(1);
      },
    ),
    { numRuns: Math.ceil(numRuns / 2) },
  );
});

test('a large table, and one with a key longer than is absorbed at once', () => {
  const [small, large] = ['k'.repeat(150_000), 'l'.repeat(700_000)];
  const many = Array.from({ length: 20_000 }, (_, index) => `${index} w${index % 977}`);
  for (const words of [many, [...many, small, 'a', large, 'b'], [large], [small, small]]) {
    const text = Buffer.from(words.join(' '));
    const results = [twin, wasm].map((kernel) => {
      const table = kernel.createTable();
      table.countWords(text);
      const into = kernel.createTable({ maxKeys: 20_000 });
      into.countWords(Buffer.from('w1 19999 other'));
      const groups = [...into.absorb(table.export())];
      return { groups, contents: contents(into) };
    });
    expect(results[1]).toEqual(results[0]);
  }
});

test('what is no exported table is refused, at whatever length it is cut', () => {
  const table = wasm.createTable();
  table.countWords(Buffer.from('some words to be exported, one longer than sixteen bytes_____'));
  const exported = table.export();
  for (let length = 0; length < exported.byteLength; length++) {
    const into = wasm.createTable();
    expect(() => into.absorb(exported.slice(0, length))).toThrow(RangeError);
    into.free();
  }
  expect(() => wasm.createTable({ values: 1 }).absorb(exported)).toThrow(RangeError);
});

test('rows come back as they went out', () => {
  fc.assert(
    fc.property(numbers, fc.boolean(), (rows, hasExtremes) => {
      const table = wasm.createTable({ values: 1 });
      fill(table, rows);
      const written = Buffer.from(allRows(table, statistics));
      const { fast, plain } = tables({ values: 1 });
      for (const into of [fast, plain]) {
        expect(into.addRows(written, statistics)).toEqual({ records: table.size });
        expect(allRows(into, statistics)).toBe(written.toString());
      }
      const without = tables({ values: 2, hasExtremes });
      for (const into of [without.fast, without.plain]) into.addRows(written, statistics);
      expect(contents(without.fast)).toEqual(contents(without.plain));
      for (const each of [table, fast, without.fast]) each.free();
    }),
    { numRuns },
  );
});

const parts = rowFormat([
  { name: 'a', kind: 'part', index: 0 },
  { name: 'b', kind: 'part', index: 1 },
  { name: 'count', kind: 'count' },
  { name: 'sum', kind: 'sum' },
]);

test('rows with a key of several parts', () => {
  for (const kernel of [wasm, twin]) {
    const table = kernel.createTable({ values: 1 });
    const rows =
      '{"a":"x","b":1,"count":2,"sum":1.5},{"a":null,"b":"\\u0001é","count":1,"sum":null},{"a":"x","b":"1","count":1,"sum":3}';
    expect(table.addRows(Buffer.from(rows), parts)).toEqual({ records: 3 });
    expect(table.addRows(Buffer.from('{"a":"\\u0078","b":1,"count":2,"sum":1.5}'), parts)).toEqual({
      records: 1,
    });
    expect(allRows(table, parts)).toBe(rows.replace('2,"sum":1.5', '4,"sum":3'));
  }
});

test('rows that are not canonical are named', () => {
  const row = fc.constantFrom(
    '{"word":"a","count":1}',
    '{"word":"\\n\\u00e9","count":12}',
    '{"word":"b","count":1e1}',
    '{"word":"b","count":01}',
    '{"word":"b","count":-1}',
    '{"word": "b","count":1}',
    '{"word":"b"}',
    '{"word":1,"count":1}',
    '{"word":"b\\x","count":1}',
    '{"word":"b","count":1.5}',
    '{"count":1,"word":"b"}',
  );
  const good = fc.constant('{"word":"good","count":3}');
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: row })),
      fc.nat(8),
      (rows, cut) => {
        const text = Buffer.from(rows.join(','));
        const cutText = text.subarray(0, text.length - cut);
        const [fast, plain] = readBoth((table) => table.addRows(cutText, wordRows));
        expect(fast).toEqual(plain);
      },
    ),
    { numRuns },
  );
  fc.assert(
    fc.property(bytes, (text) => {
      const [fast, plain] = readBoth((table) => table.addRows(text, wordRows));
      expect(fast).toEqual(plain);
    }),
    { numRuns },
  );
});

test('tables are freed and their memory used again', () => {
  const table = wasm.createTable();
  table.countWords(Buffer.from('x'.repeat(200_000)));
  table.free();
  const words = Buffer.from(
    Array.from({ length: 20_000 }, (_, index) => `word${index}_${'z'.repeat(index % 20)}`).join(' '),
  );
  const sizes = [];
  for (let round = 0; round < 30; round++) {
    const each = wasm.createTable();
    each.countWords(words);
    sizes.push(each.size);
    each.free();
  }
  expect(new Set(sizes)).toEqual(new Set([20_000]));
});
