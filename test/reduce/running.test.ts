// Running totals: what came since the start, and which of it is written after each batch.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope, Header } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore, type ReduceOptions } from '../../src/reduce/reduce.ts';
import type { Running } from '../../src/reduce/running-keeper.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { batch, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

type Settings = { by?: string[]; words?: boolean; running?: Partial<Running> } & Pick<ReduceOptions, 'mode'>;

function core(
  expressions: string[],
  { by = [], words = false, running, ...rest }: Settings = {},
): ReduceCore {
  const options = {
    partial: false,
    partSize: 1000,
    rejects: failOnReject,
    caveats: new Set<string>(),
    ...rest,
  };
  return new ReduceCore(planFrom({ by, words, partial: false }, expressions), {
    ...options,
    running: { initial: [], ...running },
  });
}

/** The rows of each batch, as `a1 b2`: words and counts. */
function rowsOf(envelopes: readonly Envelope[]): string[] {
  return envelopes
    .filter(({ header }) => !header.end)
    .map((envelope) =>
      recordsOf([envelope])
        .map((row) => Object.values(row as object).join(''))
        .join(' '),
    );
}

/** A batch a second, each with these lines. */
const seconds = (...batches: string[]): Envelope[] =>
  batches.map((text, index) =>
    batch(index, text === '' ? [] : [text], { from: index * 1000, to: index * 1000 + 1000 }),
  );

describe('which rows are written', () => {
  test.each<[string, Settings, string[]]>([
    ['all', {}, ['a1 b1', 'a2 b1', 'a2 b1', 'a2 b2 c1']],
    ['those that changed', { mode: 'update' }, ['a1 b1', 'a2', '', 'b2 c1']],
    ['all, with a time to live', { running: { ttl: 2000 } }, ['a1 b1', 'a2 b1', 'a2', 'b1 c1']],
    [
      'those that changed, with a time to live',
      { mode: 'update', running: { ttl: 2000 } },
      ['a1 b1', 'a2', '', 'b1 c1'],
    ],
    ['nothing is older than one batch', { running: { ttl: 1000 } }, ['a1 b1', 'a2', '', 'b1 c1']],
    [
      'from what was there',
      {
        running: {
          initial: [
            { key: ['a'], states: [5] },
            { key: ['z'], states: [7] },
          ],
        },
      },
      ['a6 b1 z7', 'a7 b1 z7', 'a7 b1 z7', 'a7 b2 c1 z7'],
    ],
    [
      'those that changed, from what was there',
      {
        mode: 'update',
        running: {
          initial: [
            { key: ['a'], states: [5] },
            { key: ['z'], states: [7] },
          ],
        },
      },
      ['a6 b1', 'a7', '', 'b2 c1'],
    ],
    [
      'what was there lives from the first batch on',
      {
        running: {
          ttl: 2000,
          initial: [
            { key: ['a'], states: [5] },
            { key: ['z'], states: [7] },
          ],
        },
      },
      ['a6 b1 z7', 'a7 b1', 'a7', 'b1 c1'],
    ],
  ])('%s', (_, settings, expected) => {
    const inputs = seconds('a b', 'a', '', 'b c');
    expect(rowsOf(runAll(core([], { words: true, ...settings }), inputs))).toEqual(expected);
  });

  test('a key that has a record in the batch in which it would expire goes on', () => {
    const reduce = core([], { words: true, running: { ttl: 2000 } });
    expect(rowsOf(runAll(reduce, seconds('a', '', 'a', '', '')))).toEqual(['a1', 'a1', 'a2', 'a2', '']);
    expect(reduce.counters()).toEqual({ expired: 1 });
  });

  test('batches that are late fire what is due, once', () => {
    const inputs = [
      batch(0, ['a'], { from: 0, to: 1000 }),
      batch(1, ['b'], { from: 60_000, to: 61_000 }),
      batch(2, [], { from: 61_000, to: 62_000 }),
    ];
    expect(rowsOf(runAll(core([], { words: true, running: { ttl: 1000 } }), inputs))).toEqual([
      'a1',
      'b1',
      '',
    ]);
  });

  test('without keys there is one row, which changes with records only', () => {
    expect(rowsOf(runAll(core(['count']), seconds('', 'x', '', 'y')))).toEqual(['0', '1', '1', '2']);
    expect(rowsOf(runAll(core(['count'], { mode: 'update' }), seconds('', 'x', '', 'y')))).toEqual([
      '',
      '1',
      '',
      '2',
    ]);
  });

  test('a rate is over all the time since the first batch', () => {
    expect(rowsOf(runAll(core(['rate']), seconds('x', '', 'y', 'z')))).toEqual([
      '1',
      '0.5',
      String(2 / 3),
      '0.75',
    ]);
  });
});

test('all that is written says that it replaces what was', () => {
  const [first] = runAll(core([], { words: true, mode: 'update' }), seconds('a'));
  expect(first?.header).toMatchObject({ batch: 0, reduced: { mode: 'update', words: true } });
  expect(first?.header).not.toHaveProperty('closed');
});

test('the last of all rows are those of one batch with everything, whatever is in the kernel', () => {
  const record = fc.record({
    k: fc.constantFrom<Json>('a', 'b', 1, '1', null),
    x: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(0.25), fc.constant<Json>(9007199254740993n)),
  });
  fc.assert(
    fc.property(fc.array(fc.array(record), { minLength: 1, maxLength: 6 }), (batches) => {
      const expressions = ['count', 'sum(x)', 'max(x)', 'p50(x)'];
      for (const columns of [expressions, expressions.slice(0, 2)]) {
        const inputs = batches.map((records, index) =>
          batch(index, records, { from: index * 1000, to: index * 1000 + 1000 }),
        );
        const once = new ReduceCore(planFrom({ by: ['k'], words: false, partial: false }, columns), {
          partial: false,
          partSize: 1000,
          rejects: failOnReject,
          caveats: new Set(),
        });
        const whole = recordsOf(runAll(once, [batch(0, batches.flat())]));
        const changes = new Map<string, Json>();
        for (const row of recordsOf(runAll(core(columns, { by: ['k'], mode: 'update' }), inputs)))
          changes.set(typeof (row as { k: Json }).k + String((row as { k: Json }).k), row);
        const all = runAll(core(columns, { by: ['k'] }), inputs);
        const last = all.filter(({ header }) => header.batch === batches.length - 1);
        expect(recordsOf(last)).toEqual(whole);
        // The newest change of each key is its total.
        expect(changes.size).toBe(whole.length);
        for (const row of whole)
          expect(changes.get(typeof (row as { k: Json }).k + String((row as { k: Json }).k))).toEqual(row);
      }
    }),
    { numRuns: 100 },
  );
});

describe('refused are', () => {
  const at = { start: 0, end: 1000 };
  test.each<[string, Header, Settings, string]>([
    ['windows', { n: 0, pane: at }, {}, 'usage: --running adds up batches, and these records are in windows'],
    [
      'rows of windows',
      { n: 0, window: at },
      {},
      'usage: --running adds up batches, and these records are in windows',
    ],
    [
      'batches without an interval, with a time to live',
      { n: 0 },
      { running: { ttl: 1000 } },
      'usage: --ttl counts batch time, and these batches have no interval',
    ],
  ])('%s', (_, header, settings, why) => {
    expect(failureOf(() => runAll(core(['count'], settings), [batch(0, ['a'], header)]))).toBe(why);
  });

  test('running totals by a later reduce', () => {
    const rows = runAll(core([], { words: true }), seconds('a')).filter(({ header }) => !header.end);
    const bare = new ReduceCore(undefined, {
      partial: false,
      partSize: 1,
      rejects: failOnReject,
      caveats: new Set(),
    });
    expect(failureOf(() => runAll(bare, rows))).toBe(
      'usage: rows written with --mode complete replace those of earlier batches and cannot be added up',
    );
  });
});
