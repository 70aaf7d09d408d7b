// The bound on keys where something goes on from batch to batch: running totals, windows as they fill, sessions.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore, type ReduceOptions } from '../../src/reduce/reduce.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { batch, envelope, failureOf, ready, recordsOf, runAll } from '../helpers/envelopes.ts';

type Job = { readonly words?: boolean; readonly by?: string[]; readonly aggregates?: string[] };

function coreFor(
  { words = false, by = [], aggregates = [] }: Job,
  maxKeys: number | undefined,
  more = {},
): ReduceCore {
  const options: ReduceOptions = {
    partial: false,
    partSize: 1000,
    rejects: failOnReject,
    caveats: new Set(),
  };
  return new ReduceCore(planFrom({ words, by, partial: false, maxKeys }, aggregates), {
    ...options,
    ...more,
  });
}

const running = { running: { initial: [] } };
const changing = { running: { initial: [] }, mode: 'update' };
const expiring = { running: { initial: [], ttl: 1000 } };

/** What each batch writes, as `key count …`. */
function told(outputs: readonly Envelope[]): string[] {
  const lines: string[] = [];
  let line: string[] = [];
  for (const output of outputs) {
    for (const row of recordsOf([output])) line.push(Object.values(row as object).join(' '));
    if (!output.header.last) continue;
    lines.push(line.join(', '));
    line = [];
  }
  return lines;
}

const kinds: Record<string, { job: Job; record: (key: string) => Json }> = {
  'words, in the kernel': { job: { words: true }, record: (key) => key },
  'columns, in the kernel': { job: { by: ['$1'] }, record: (key) => key },
  'members, in the kernel': { job: { by: ['k'] }, record: (k) => ({ k }) },
  'records, one by one': { job: { by: ['k'], aggregates: ['count(k)'] }, record: (k) => ({ k }) },
};

describe.each(Object.entries(kinds))('%s', (_, { job, record }) => {
  const batches = [['a', 'b', 'c'], ['d', 'c', 'b'], ['_other']].map((keys, index) =>
    batch(index, keys.map(record), { from: 1000 * index, to: 1000 * (index + 1) }),
  );

  test('running totals keep the first keys, and the others are one row', () => {
    expect(told(runAll(coreFor(job, 2, running), batches))).toEqual([
      'a 1, b 1, _other 1',
      'a 1, b 2, _other 3',
      'a 1, b 2, _other 4',
    ]);
  });

  test('of those that changed the others are one', () => {
    expect(told(runAll(coreFor(job, 2, changing), batches))).toEqual([
      'a 1, b 1, _other 1',
      'b 2, _other 3',
      '_other 4',
    ]);
  });

  test('keys that expire make room, and the others expire too', () => {
    const more = [...batches, batch(3, [], { from: 3000, to: 4000 })];
    expect(told(runAll(coreFor(job, 2, expiring), more))).toEqual([
      'a 1, b 1, _other 1',
      'b 2, _other 3',
      '_other 1',
      '',
    ]);
  });

  test('the report says how many records are under them now', () => {
    const core = coreFor(job, 2, running);
    const outputs = runAll(core, batches);
    expect(outputs.flatMap(({ header }) => header.overflow ?? [])).toEqual([1, 3, 4]);
    expect(core.overflowed).toBe(4);
  });

  test('property: totals keep the keys that come first in the stream, and count them whole, however it is cut', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '_other'), { maxLength: 12 });
    const cuts = fc.array(fc.tuple(keys, fc.boolean()), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        cuts,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(running, changing),
        (parts, most, more) => {
          let [number, part] = [0, 0];
          const inputs = parts.map(([some, closes], index) => {
            const last = closes || index === parts.length - 1;
            const input = envelope(some.map(record), { batch: number, part, last });
            [number, part] = last ? [number + 1, 0] : [number, part + 1];
            return input;
          });
          const all = parts.flatMap(([some]) => some);
          const kept = [...new Set(all)].slice(0, most);
          const newest = new Map<string, string>();
          for (const output of runAll(coreFor(job, most, more), inputs)) {
            for (const [index, row] of recordsOf([output]).entries()) {
              const [key, count] = Object.values(row as object) as [string, number];
              const isOthers = output.header.overflow !== undefined && index === output.header.n - 1;
              newest.set(isOthers ? 'others' : `key ${key}`, `${count}`);
            }
          }
          const expected = kept.map((key): [string, string] => [
            `key ${key}`,
            `${all.filter((one) => one === key).length}`,
          ]);
          const others = all.filter((key) => !kept.includes(key)).length;
          if (others > 0) expected.push(['others', `${others}`]);
          expect(Object.fromEntries(newest)).toEqual(Object.fromEntries(expected));
        },
      ),
    );
  });

  test('windows as they fill keep the first keys of each', () => {
    const [pane, next] = [
      { start: 0, end: 10 },
      { start: 10, end: 20 },
    ];
    const inputs = [
      batch(0, ['a', 'b', 'c'].map(record), { pane, closed: [] }),
      batch(1, ['c', 'b'].map(record), { pane, closed: [pane] }),
      batch(2, ['c', 'b'].map(record), { pane: next, closed: [next] }),
    ];
    expect(told(runAll(coreFor(job, 1, { mode: 'update' }), inputs))).toEqual([
      'a 1, _other 2',
      '_other 4',
      'c 1, _other 1',
    ]);
    expect(told(runAll(coreFor(job, 1, { mode: 'complete' }), inputs))).toEqual([
      'a 1, _other 2',
      'a 1, _other 4',
      'c 1, _other 1',
    ]);
  });

  test('what others upstream left together stays together in windows that slide', () => {
    const windows = [0, 1, 2].map((index) => ({ start: 10 * index - 10, end: 10 * index + 10 }));
    const upstream = [0, 1, 2].flatMap((index) =>
      runAll(coreFor(job, 1), [batch(index, ['a', '_other', `c${index}`].map(record))]).slice(0, -1),
    );
    const panes = upstream.map(({ header, payload }, index) => ({
      header: {
        ...header,
        pane: { start: 10 * index, end: 10 * index + 10 },
        closed: windows.slice(index, index + 1),
      },
      payload,
    }));
    const bare = new ReduceCore(undefined, {
      partial: false,
      partSize: 1000,
      rejects: failOnReject,
      caveats: new Set(),
    });
    const merged = runAll(bare, panes);
    expect(told(merged)).toEqual(['a 1, _other 2', 'a 2, _other 4', 'a 2, _other 4']);
    // For a reduce behind that one.
    expect(merged.map(({ header }) => header.overflow).filter((count) => count !== undefined)).toEqual([
      2, 4, 4,
    ]);
  });
});

test('of sessions no more than the bound are open at a time: one of all others would be none', () => {
  const session = { gap: 10, time: { field: 't' } };
  const at = (t: number): number => 1_000_000_000_000 + t;
  const part = (number: number, records: Json[], watermark?: number): Envelope =>
    batch(number, records, { session, ...(watermark !== undefined && { watermark: at(watermark) }) });
  const record = (k: string, t: number): Json => ({ k, t: at(t) });
  const core = coreFor({ by: ['k'] }, 2);
  const outputs = runAll(core, [
    part(0, [record('a', 0), record('b', 5), record('a', 8), record('a', 17), record('a', 9)]),
    part(1, [], 29),
    part(2, [record('c', 30), record('a', 31)], 29),
  ]);
  expect(recordsOf(outputs)).toHaveLength(4);
  // Those that were open when the job stopped count when it goes on.
  const [before, after] = [coreFor({ by: ['k'] }, 2), coreFor({ by: ['k'] }, 2)];
  ready(before.accept(part(0, [record('a', 0), record('b', 5)]), 0));
  after.restore(before.snapshot());
  expect(failureOf(() => ready(after.accept(part(1, [record('c', 6)]), 0)))).toMatch('more than 2 sessions');
  const many = [part(0, [record('a', 0), record('b', 5), record('a', 11)])];
  expect(failureOf(() => runAll(coreFor({ by: ['k'] }, 2), many))).toBe(
    'badData: more than 2 sessions are open at a time',
  );
});
