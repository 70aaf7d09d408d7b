// Keys divided among partitions, with any salt and any number of workers: the same bytes. The threads run the built worker.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeEnvelope } from '../../../src/envelope/encode.ts';
import type { Envelope } from '../../../src/envelope/envelope.ts';
import type { Json } from '../../../src/envelope/json.ts';
import { SluiceError } from '../../../src/errors.ts';
import { Executor } from '../../../src/executor/executor.ts';
import { PartitionedReduce, type PartitionOptions } from '../../../src/reduce/partitions/partitioned.ts';
import { planFrom, type ReducePlan } from '../../../src/reduce/plan.ts';
import { ReduceCore } from '../../../src/reduce/reduce.ts';
import { loadFold } from '../../../src/reduce/user-fold.ts';
import { failOnReject, type Rejects } from '../../../src/stage/rejects.ts';
import { batch, envelope, recordsOf, runAllAwaiting } from '../../helpers/envelopes.ts';

const executors = [0, 1, 3].map((workers) => new Executor({ workers, taskTimeout: 60_000 }));
afterAll(() => Promise.all(executors.map((executor) => executor.close())));
const [inline, ...threads] = executors as [Executor, Executor, Executor];

const folder = mkdtempSync(join(tmpdir(), 'sluice-partitions-'));
afterAll(() => rmSync(folder, { recursive: true }));
function fold(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

/** States hold a Set, which no JSON can, and are not put together. */
const base = `
class Seen { values = new Set(); n = 0; }
export const init = () => new Seen();
export function add(state, { x }) {
  if (x === 'bad') throw new Error('no x');
  state.n += 1;
  state.values.add(x);
  return state;
}
export const result = ({ n, values }) => ({ n, values: [...values].sort() });
`;
const whole = fold('whole', base);
const combined = fold(
  'combined',
  `${base}
export const combine = (one, other) => ({
  n: one.n + other.n,
  values: [...new Set([...one.values, ...other.values])].sort(),
});`,
);

type Settings = Partial<PartitionOptions> & { path?: string; by?: string[]; expressions?: string[] };

async function core(settings: Settings = {}): Promise<PartitionedReduce> {
  const {
    path = combined,
    by = ['k'],
    expressions = ['count'],
    rejects = failOnReject,
    ...options
  } = settings;
  const column = { ...(await loadFold(path)), name: 'seen' };
  const plan = planFrom({ by, words: false, partial: false }, expressions, column) as ReducePlan;
  const rows = { partial: false, partSize: 1000, rejects, caveats: new Set<string>(), fold: column };
  const source = { by, expressions, fold: path };
  const usual = { executor: inline, partitions: 4, salt: 'auto' as const, worthTasks: 0 };
  return new PartitionedReduce(new ReduceCore(plan, rows), { ...usual, ...options, rejects, plan, source });
}

const text = (envelopes: readonly Envelope[]) =>
  envelopes.map((one) => encodeEnvelope(one).toString()).join('');
const run = async (stream: readonly Envelope[], settings?: Settings) =>
  text(await runAllAwaiting(await core(settings), stream));

const record = fc.record({ k: fc.constantFrom<Json>('a', 'b', 1, '1', null, 'ü'), x: fc.nat(9) });
const stream = fc
  .array(fc.array(fc.array(record, { maxLength: 20 }), { minLength: 1, maxLength: 5 }), { maxLength: 3 })
  .map((batches) =>
    batches.flatMap((parts, number) =>
      parts.map((records, part) =>
        envelope(records, { batch: number, part, last: part === parts.length - 1 }),
      ),
    ),
  );

test('any division, the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(stream, fc.integer({ min: 1, max: 9 }), async (envelopes, partitions) => {
      const expected = await run(envelopes, { worthTasks: Number.POSITIVE_INFINITY });
      expect(await run(envelopes, { partitions })).toBe(expected);
      expect(await run(envelopes, { partitions, salt: 'off', path: whole })).toBe(
        expected.replaceAll('combined.mjs', 'whole.mjs'),
      );
    }),
  );
});

/** Enough for a key to be hot. */
const skewed = [0, 1].flatMap((number) =>
  [0, 1, 2].map((part) =>
    envelope(
      Array.from({ length: 3000 }, (_, index) => ({
        k: index % 10 === 0 ? index % 70 : 'hot',
        x: index % 97,
      })),
      { batch: number, part, last: part === 2 },
    ),
  ),
);

test.each(['auto', 'off', 2] as const)('salt %s, any number of workers: the same rows', async (salt) => {
  const expected = await run(skewed, { worthTasks: Number.POSITIVE_INFINITY });
  expect(expected).toContain('{"k":"hot","count":8100,"n":8100,"values":[0,1,10,');
  for (const executor of [inline, ...threads]) expect(await run(skewed, { salt, executor })).toBe(expected);
});

test('the report says how even it was, and what is hot', async () => {
  const reduce = await core({ partitions: 8 });
  await runAllAwaiting(reduce, skewed.slice(0, 3));
  const { imbalance, unsalted, hot } = reduce.counters();
  expect(imbalance).toBeLessThan(1.2);
  expect(unsalted).toBeGreaterThan(7);
  expect(hot).toBe('hot 90%');
  expect(reduce.counters()).toEqual({});
});

test('results of panes are combined, one after another', async () => {
  const pane = { start: 0, end: 10 };
  const parts = [
    envelope([{ k: 'a', x: 1 }], { batch: 0, part: 0, pane }),
    envelope([{ k: 'a', x: 2 }], {
      batch: 0,
      part: 1,
      last: true,
      pane: { start: 10, end: 20 },
      closed: [{ start: 0, end: 20 }],
    }),
  ];
  const rows = recordsOf(await runAllAwaiting(await core(), parts));
  expect(rows).toEqual([{ k: 'a', count: 2, n: 2, values: [1, 2] }]);
  await expect(run(parts, { path: whole, salt: 'off' })).rejects.toThrow('exports neither merge nor combine');
});

test('one state for all, where there are no keys; a partition without records says nothing', async () => {
  const picky = fold(
    'picky',
    `${base}
export const combine = (one, other) => {
  if (one.n === 0 || other.n === 0) throw new Error('nothing to combine');
  return { n: one.n + other.n, values: [...new Set([...one.values, ...other.values])].sort() };
};`,
  );
  for (const settings of [
    { path: picky },
    { path: picky, salt: 'off' },
    { path: whole, salt: 'off' },
  ] as const) {
    const rows = recordsOf(await runAllAwaiting(await core({ by: [], ...settings }), skewed.slice(0, 3)));
    expect(rows).toMatchObject([{ count: 9000, n: 9000 }]);
  }
  const nothing = recordsOf(await runAllAwaiting(await core({ by: [] }), [batch(0, [])]));
  expect(nothing).toEqual([{ count: 0, n: 0, values: [] }]);
});

test('aggregates with a merge are divided as well', async () => {
  const expressions = ['collect(x)', 'first(x)'];
  const records = Array.from({ length: 50 }, (_, x) => ({ k: x % 3, x }));
  const settings = { path: combined, expressions, salt: 'off' as const };
  const expected = await run([batch(0, records)], { ...settings, worthTasks: Number.POSITIVE_INFINITY });
  expect(expected).toContain('"collect(x)":[0,3,6,');
  expect(await run([batch(0, records)], settings)).toBe(expected);
});

describe('records that cannot be used', () => {
  const faulty = [
    batch(0, [
      { k: 'a', x: 1 },
      { k: 'b', x: 'bad' },
      { k: 'a', x: 'bad' },
    ]),
    batch(1, [
      { k: 'c', x: 'bad' },
      { k: 'a', x: 2 },
    ]),
  ];

  test('are told in the order of the stream', async () => {
    const told: string[] = [];
    const rejects: Rejects = {
      reject: (value, place, reason) => told.push(`${place} ${JSON.stringify(value)} ${reason}`),
      takeCount: () => 0,
    };
    for (const executor of executors) {
      told.length = 0;
      await run(faulty, { rejects, executor });
      expect(told).toEqual([
        `batch 0, part 0, record 2 {"k":"b","x":"bad"} fold(${combined}): no x`,
        `batch 0, part 0, record 3 {"k":"a","x":"bad"} fold(${combined}): no x`,
        `batch 1, part 0, record 1 {"k":"c","x":"bad"} fold(${combined}): no x`,
      ]);
    }
  });

  test('stop it all where they are to', async () => {
    await expect(run(faulty)).rejects.toThrow('batch 0, part 0, record 2');
  });
});

test('a fold that never ends costs its records after two tries, or stops it all', async () => {
  const endless = fold('endless', base.replace("if (x === 'bad')", "if (x === 'bad') for (;;);\nif (false)"));
  const impatient = new Executor({ workers: 1, taskTimeout: 1500 });
  const told: string[] = [];
  const rejects: Rejects = { reject: (_value, place) => told.push(place), takeCount: () => 0 };
  const records = [
    batch(0, [
      { k: 'a', x: 1 },
      { k: 'b', x: 'bad' },
    ]),
  ];
  const settings = { path: endless, executor: impatient, salt: 'off' as const, partitions: 64 };
  const rows = recordsOf(await runAllAwaiting(await core({ ...settings, rejects }), records));
  expect(rows).toMatchObject([{ k: 'a', n: 1 }]);
  expect(told).toEqual(['batch 0, part 0, record 2']);
  await expect(run(records, settings)).rejects.toThrow('no answer within 1500 ms');
  await impatient.close();
});

test('what a module gets wrong is said with its name', async () => {
  const faulty = fold('faulty', base.replace('({ n, values }) => ({', '({ n }) => ({ at: new Map(),'));
  for (const executor of executors)
    await expect(run([batch(0, [{ k: 1, x: 1 }])], { path: faulty, executor })).rejects.toThrow(SluiceError);
});
