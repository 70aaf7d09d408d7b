// The bound on keys: which are kept, what becomes of the others, and how a later reduce takes the row `_other`.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope, Header } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { batch, envelope, recordsOf, runAll } from '../helpers/envelopes.ts';

const options = { partial: false, partSize: 1000, caveats: new Set<string>(), rejects: failOnReject };

type Job = { readonly words?: boolean; readonly by?: string[]; readonly aggregates?: string[] };

function reduce(job: Job, maxKeys: number | undefined, inputs: Envelope[], partSize = 1000): Envelope[] {
  const { words = false, by = [], aggregates = [] } = job;
  const plan = planFrom({ words, by, partial: false, maxKeys }, aggregates);
  return runAll(new ReduceCore(plan, { ...options, partSize, maxKeys }), inputs);
}

/** A bare reduce. */
function merge(maxKeys: number | undefined, inputs: Envelope[]): Envelope[] {
  return runAll(new ReduceCore(undefined, { ...options, maxKeys }), inputs.slice(0, -1));
}

const rows = (envelopes: Envelope[]): string[] => recordsOf(envelopes).map((row) => JSON.stringify(row));
const overflows = (envelopes: Envelope[]): Header['overflow'][] =>
  envelopes.slice(0, -1).map(({ header }) => header.overflow);

const kinds: Record<
  string,
  { job: Job; record: (key: string) => Json; row: (key: Json, count: number) => Json }
> = {
  'words, in the kernel': {
    job: { words: true },
    record: (key) => key,
    row: (word, count) => ({ word, count }),
  },
  'columns, in the kernel': {
    job: { by: ['$1'] },
    record: (key) => key,
    row: (key, count) => ({ $1: key, count }),
  },
  'members, in the kernel': {
    job: { by: ['k'] },
    record: (k) => ({ k }),
    row: (k, count) => ({ k, count }),
  },
  'records, one by one': {
    job: { by: ['k'], aggregates: ['count', 'min(n)'] },
    record: (k) => ({ k, n: 1 }),
    row: (k, count) => ({ k, count, 'min(n)': 1 }),
  },
};

describe.each(Object.entries(kinds))('%s', (_, { job, record, row }) => {
  test('(fault 22) keys beyond the bound are one row, apart from a key of its name', () => {
    const outputs = reduce(job, 2, [batch(0, ['_other', 'b', 'c', 'd', 'b'].map(record))]);
    expect(recordsOf(outputs)).toEqual([row('_other', 1), row('b', 2), row('_other', 2)]);
    expect(overflows(outputs)).toEqual([2]);
  });

  test('there is no such row where all keys found a place', () => {
    const outputs = reduce(job, 2, [batch(0, ['a', 'b', 'a'].map(record))]);
    expect(recordsOf(outputs)).toEqual([row('a', 2), row('b', 1)]);
    expect(overflows(outputs)).toEqual([undefined]);
  });

  test('property: the keys kept are those that come first in the stream, in any split into parts', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '_other'), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(keys, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (parts, most) => {
          const inputs = parts.map((part, index) =>
            envelope(part.map(record), { batch: 0, part: index, last: index === parts.length - 1 }),
          );
          const all = parts.flat();
          const kept = [...new Set(all)].slice(0, most);
          const count = (key: string): number => all.filter((one) => one === key).length;
          const others = all.filter((key) => !kept.includes(key)).length;
          const expected = kept.toSorted().map((key) => row(key, count(key)));
          if (others > 0) expected.push(row('_other', others));
          expect(recordsOf(reduce(job, most, inputs))).toEqual(expected);
        },
      ),
    );
  });

  test('a later reduce merges the rows of the others, and counts its own to them', () => {
    const windowed = (index: number, keys: string[], closed?: Header['closed']): Envelope =>
      batch(index, keys.map(record), {
        window: { start: 0, end: 10 },
        ...(closed && { closed }),
      });
    const reduced = [
      ...reduce(job, 2, [windowed(0, ['a', 'b', 'c', 'c'])]).slice(0, -1),
      ...reduce(job, 2, [windowed(1, ['_other', 'a', 'd'])]),
    ].map(({ header, payload }) => ({
      // As parts of one batch.
      header: { ...header, part: header.batch ?? 0, batch: 0, last: header.batch === 1 },
      payload,
    }));
    const free = merge(undefined, reduced);
    expect(recordsOf(free)).toEqual([row('_other', 1), row('a', 2), row('b', 1), row('_other', 3)]);
    expect(overflows(free)).toEqual([3]);
    const bounded = merge(1, reduced);
    expect(recordsOf(bounded)).toEqual([row('a', 2), row('_other', 5)]);
  });

  test('panes are bounded, and the window that they make', () => {
    const window = { start: 0, end: 20 };
    const outputs = reduce(job, 2, [
      batch(0, ['a', 'b', 'c'].map(record), { pane: { start: 0, end: 10 }, closed: [] }),
      batch(1, ['d', 'a'].map(record), { pane: { start: 10, end: 20 }, closed: [window] }),
    ]);
    expect(recordsOf(outputs)).toEqual([row('a', 2), row('b', 1), row('_other', 2)]);
  });

  test('the row comes last also where rows take many parts', () => {
    const keys = Array.from({ length: 50 }, (_unused, index) => `k${index}`);
    const outputs = reduce(job, 40, [batch(0, keys.map(record))], 100);
    expect(outputs.length).toBeGreaterThan(10);
    expect(recordsOf(outputs).at(-1)).toEqual(row('_other', 10));
    expect(overflows(outputs).filter((overflow) => overflow !== undefined)).toEqual([10]);
    expect(overflows(outputs).at(-1)).toBe(10);
  });
});

test('a column that is missing and one that is - are one key', () => {
  const inputs = [batch(0, ['-', '', 'a', '-'])];
  expect(rows(reduce({ by: ['$1'] }, 1, inputs))).toEqual([
    '{"$1":null,"count":3}',
    '{"$1":"_other","count":1}',
  ]);
});

test('parts that are plain and parts that are not share the bound', () => {
  const inputs = [
    envelope([{ k: 'a', n: 1 }], { batch: 0, part: 0, last: false }),
    // Beyond 2^53: folded one by one.
    envelope([{ k: 'b', n: 2n ** 60n }], { batch: 0, part: 1, last: false }),
    envelope(
      [
        { k: 'c', n: 3 },
        { k: 'b', n: 1 },
        { k: 'a', n: 1 },
      ],
      { batch: 0, part: 2, last: true },
    ),
  ];
  expect(recordsOf(reduce({ by: ['k'], aggregates: ['count', 'sum(n)'] }, 2, inputs))).toEqual([
    { k: 'a', count: 2, 'sum(n)': 2 },
    { k: 'b', count: 2, 'sum(n)': 1152921504606847000n },
    { k: '_other', count: 1, 'sum(n)': 3 },
  ]);
});

test('several keys: the first says _other, the rest are null', () => {
  const outputs = reduce({ by: ['a', 'b'] }, 1, [
    batch(0, [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]),
  ]);
  expect(rows(outputs)).toEqual(['{"a":1,"b":2,"count":1}', '{"a":"_other","b":null,"count":1}']);
});

test('without keys there is one row, whatever the bound', () => {
  expect(rows(reduce({ aggregates: ['count'] }, 1, [batch(0, ['a', 'b'])]))).toEqual(['{"count":2}']);
});

test('a row of the others that cannot be read is rejected with its place', () => {
  const damaged = envelope(
    [
      { word: 'a', count: 1 },
      { word: '_other', count: 'x' },
    ],
    {
      batch: 0,
      part: 0,
      last: true,
      reduced: { keys: ['word'], aggregates: { count: 'count' }, words: true },
      overflow: 1,
    },
  );
  expect(() => runAll(new ReduceCore(undefined, options), [damaged])).toThrow(
    "batch 0, part 0, record 2: column 'count' is no result of count",
  );
});

test('the report counts what is under _other', () => {
  const core = new ReduceCore(planFrom({ words: true, by: [], partial: false, maxKeys: 1 }, []), options);
  runAll(core, [batch(0, ['a b c']), batch(1, ['b c'])]);
  expect(core.counters()).toEqual({ overflow: 3 });
  expect(core.counters()).toEqual({});
  expect(core.overflowed).toBe(3);
});
