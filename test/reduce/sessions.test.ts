// Sessions: which records belong together, when they are written, and that it does not depend on order or batches.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore, type ReduceOptions } from '../../src/reduce/reduce.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { batch, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

const gap = 5000;
const session = { gap, time: { field: 't' } };

type Settings = { by?: string[]; words?: boolean } & Partial<ReduceOptions>;

function core(expressions: string[], { by = [], words = false, ...options }: Settings = {}): ReduceCore {
  const plan = planFrom({ by, words, partial: false }, expressions);
  return new ReduceCore(plan, {
    partial: false,
    partSize: 1000,
    rejects: failOnReject,
    caveats: new Set(),
    ...options,
  });
}

/** Times in seconds from the epoch's first day, where numbers are seconds. */
const at = (second: number): number => 1_000_000_000 + second;
const edge = (second: number): string => new Date(at(second) * 1000).toISOString().replace('.000Z', 'Z');

function input(number: number, times: number[], watermark?: number): Envelope {
  const records = times.map((time) => ({ k: 'a', t: at(time) }));
  return batch(number, records, {
    session,
    ...(watermark !== undefined && { watermark: at(watermark) * 1000 }),
  });
}

/** Start, end and count of each row. */
function sessionsOf(envelopes: readonly Envelope[]): string[] {
  return recordsOf(envelopes).map((row) => {
    const { window_start: start, window_end: end, count } = row as { [name: string]: string };
    const [from, to] = [start, end].map((time) => Date.parse(time as string) / 1000 - at(0));
    return `${from}-${to}: ${String(count)}`;
  });
}

describe('which records belong together', () => {
  test.each<[string, number[], string[]]>([
    ['one', [0], ['0-5: 1']],
    ['ranges that overlap', [0, 4, 8], ['0-13: 3']],
    ['ranges that touch do not', [0, 5], ['0-5: 1', '5-10: 1']],
    ['out of order', [8, 0, 4], ['0-13: 3']],
    ['one that joins two', [0, 8, 4], ['0-13: 3']],
    ['one between that joins none', [0, 10, 5], ['0-5: 1', '5-10: 1', '10-15: 1']],
    ['one inside', [0, 4, 2], ['0-9: 3']],
    ['two keys of time apart', [0, 100, 1, 101], ['0-6: 2', '100-106: 2']],
    ['none', [], []],
  ])('%s', (_, times, sessions) => {
    expect(sessionsOf(runAll(core(['count'], { by: ['k'] }), [input(0, times)]))).toEqual(sessions);
  });
});

test('a session is written once the watermark has reached its end', () => {
  const inputs = [input(0, [0]), input(1, [20], 0), input(2, [], 4), input(3, [], 5), input(4, [], 6)];
  const envelopes = runAll(core(['count'], { by: ['k'] }), inputs);
  expect(envelopes.map((envelope) => [envelope.header.batch, sessionsOf([envelope])])).toEqual([
    [0, []],
    [1, []],
    [2, []],
    [3, ['0-5: 1']],
    [4, []],
    [5, ['20-25: 1']],
    [undefined, []],
  ]);
});

test('rows are in the order of end, start and key, and say so in their keys', () => {
  const records = [
    { k: 'b', t: at(0) },
    { k: 'a', t: at(0) },
    { k: 'c', t: at(-1) },
    { k: 'c', t: at(0) },
    { k: 'a', t: at(-9) },
  ];
  const [rows] = runAll(core(['count'], { by: ['k'] }), [
    batch(0, [], { session }),
    batch(1, records, { session, watermark: at(99) * 1000 }),
  ]).slice(1);
  expect(rows?.header).toMatchObject({
    closed: [],
    reduced: { keys: ['window_start', 'window_end', 'k'], aggregates: { count: 'count' } },
  });
  expect(recordsOf(rows ? [rows] : [])).toEqual([
    { window_start: edge(-9), window_end: edge(-4), k: 'a', count: 1 },
    { window_start: edge(-1), window_end: edge(5), k: 'c', count: 2 },
    { window_start: edge(0), window_end: edge(5), k: 'a', count: 1 },
    { window_start: edge(0), window_end: edge(5), k: 'b', count: 1 },
  ]);
});

test('the same sessions in whatever order records come and batches are cut', () => {
  const record = fc.record({
    k: fc.constantFrom<Json>('a', 'b', 1, null),
    t: fc.integer({ min: 0, max: 60 }).map(at),
  });
  fc.assert(
    fc.property(
      fc.array(record),
      fc.array(fc.nat(30)),
      fc.infiniteStream(fc.nat()),
      (records, cuts, chance) => {
        const whole = runAll(core(['count', 'min(t)', 'max(t)'], { by: ['k'] }), [
          batch(0, records, { session }),
        ]);
        const order = records
          .map((value) => ({ value, rank: chance.next().value as number }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ value }) => value);
        const places = [
          0,
          ...cuts.filter((cut) => cut < order.length).sort((one, other) => one - other),
          order.length,
        ];
        const batches = places
          .slice(1)
          .map((end, index) => batch(index, order.slice(places[index], end), { session }));
        const cut = runAll(core(['count', 'min(t)', 'max(t)'], { by: ['k'] }), batches);
        expect(recordsOf(cut)).toEqual(recordsOf(whole));
        // Each record is in just one session, which begins with a record and ends a gap behind one.
        const sessions = recordsOf(whole) as { [name: string]: number | string }[];
        expect(sessions.reduce((sum, { count }) => sum + Number(count), 0)).toBe(records.length);
        for (const { window_start: start, window_end: end, 'min(t)': first, 'max(t)': last } of sessions) {
          expect(Date.parse(String(start))).toBe(Number(first) * 1000);
          expect(Date.parse(String(end))).toBe(Number(last) * 1000 + gap);
        }
      },
    ),
  );
});

test('a record without a time is rejected', () => {
  expect(failureOf(() => runAll(core(['count']), [batch(0, [{ t: 'soon' }], { session })]))).toMatch(
    /^badData: batch 0, part 0, record 1: /,
  );
});

test.each([
  ['words', core([], { words: true }), '--words does not go with sessions'],
  ['running totals', core(['count'], { running: { initial: [] } }), '--running does not go with sessions'],
  ['changes', core(['count'], { mode: 'update' }), '--mode update does not go with sessions'],
  ['a key called as an edge', core(['count'], { by: ['window_end'] }), "two columns are called 'window_end'"],
])('%s of sessions are refused', (_, reduce, why) => {
  expect(failureOf(() => runAll(reduce, [input(0, [0])]))).toBe(`usage: ${why}`);
});
