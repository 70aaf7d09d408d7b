import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchCore } from '../../src/batch/batch.ts';
import type { BatchPolicy } from '../../src/batch/policy.ts';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { envelope, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

/** `0.1!` is batch 0, part 1, the last one. */
function places(envelopes: readonly Envelope[]): string[] {
  return envelopes.map(
    ({ header: { batch, part, last, end } }) => end ?? `${batch}.${part}${last ? '!' : ''}`,
  );
}

function batchesOf(envelopes: readonly Envelope[]): Json[][] {
  const batches: Json[][] = [];
  for (const one of envelopes.filter(({ header }) => !header.end))
    (batches[one.header.batch ?? -1] ??= []).push(...recordsOf([one]));
  return batches;
}

function run(policy: BatchPolicy, blocks: readonly (readonly Json[])[], partSize = 1000): Envelope[] {
  return runAll(
    new BatchCore(policy, partSize, 0),
    blocks.map((records) => envelope(records)),
  );
}

describe('policies', () => {
  test.each([
    {
      name: 'records',
      policy: { by: 'records', limit: 2 },
      blocks: [
        ['a', 'b', 'c'],
        ['d', 'e'],
      ],
      batches: [['a', 'b'], ['c', 'd'], ['e']],
    },
    {
      name: 'records: a full batch closes at once',
      policy: { by: 'records', limit: 2 },
      blocks: [['a', 'b']],
      batches: [['a', 'b']],
    },
    { name: 'records: no input, no batch', policy: { by: 'records', limit: 2 }, blocks: [], batches: [] },
    {
      name: 'bytes, over block borders',
      policy: { by: 'bytes', limit: 7 },
      blocks: [['a'], ['b'], ['c'], ['d']],
      batches: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    {
      name: 'bytes, within a block',
      policy: { by: 'bytes', limit: 7 },
      blocks: [['a', 'b', 'c', 'd']],
      batches: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    {
      name: 'bytes: a large record has a batch of its own',
      policy: { by: 'bytes', limit: 7 },
      blocks: [['a', 'large one', 'b']],
      batches: [['a'], ['large one'], ['b']],
    },
    {
      name: 'bytes: a large record in a block of its own',
      policy: { by: 'bytes', limit: 7 },
      blocks: [['a'], ['large one'], ['b']],
      batches: [['a'], ['large one'], ['b']],
    },
    { name: 'bytes: no input, no batch', policy: { by: 'bytes', limit: 7 }, blocks: [[]], batches: [] },
    { name: 'once', policy: { by: 'end' }, blocks: [['a'], [], ['b', 'c']], batches: [['a', 'b', 'c']] },
    { name: 'once: no input is one empty batch', policy: { by: 'end' }, blocks: [], batches: [[]] },
    {
      name: 'interval: no input is one empty batch',
      policy: { by: 'interval', milliseconds: 10 },
      blocks: [],
      batches: [[]],
    },
  ] as const)('$name', ({ policy, blocks, batches }) => {
    const envelopes = run(policy, blocks);
    expect(batchesOf(envelopes)).toEqual(batches);
    expect(envelopes.at(-1)?.header.end).toBe('ok');
  });

  test('a batch by count has no interval', () => {
    const [first] = run({ by: 'records', limit: 1 }, [['a']]);
    expect(first?.header).toEqual({ v: 1, batch: 0, part: 0, last: true, n: 1 });
  });

  const record = fc.oneof(
    fc.string(),
    fc.array(fc.string(), { maxLength: 2 }),
    fc.record({ a: fc.string() }),
  );
  const policy = fc.oneof(
    fc.record({
      by: fc.constantFrom('records' as const, 'bytes' as const),
      limit: fc.integer({ min: 1, max: 40 }),
    }),
    fc.constant({ by: 'end' as const }),
  );

  test('property: no record is lost or harmed, and no batch is above its limit', () => {
    fc.assert(
      fc.property(
        policy,
        fc.array(fc.array(record)),
        fc.integer({ min: 1, max: 50 }),
        (chosen, blocks, partSize) => {
          const envelopes = run(chosen, blocks, partSize);
          expect(recordsOf(envelopes)).toEqual(blocks.flat());
          for (const records of batchesOf(envelopes)) {
            if (chosen.by === 'records') expect(records.length).toBeLessThanOrEqual(chosen.limit);
            if (chosen.by === 'bytes' && records.length > 1)
              expect(Buffer.byteLength(JSON.stringify(records)) - 2).toBeLessThanOrEqual(chosen.limit);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('property: batches do not depend on how records come in blocks', () => {
    fc.assert(
      fc.property(policy, fc.array(fc.array(record)), (chosen, blocks) => {
        expect(batchesOf(run(chosen, blocks))).toEqual(batchesOf(run(chosen, [blocks.flat()])));
      }),
      { numRuns: 300 },
    );
  });
});

describe('parts', () => {
  test('leave when the next block does not fit', () => {
    const envelopes = run({ by: 'end' }, [['aaa'], ['bbb'], ['ccc']], 11);
    expect(places(envelopes)).toEqual(['0.0', '0.1!', 'ok']);
    expect(envelopes.map(({ header }) => header.n)).toEqual([2, 1, 0]);
  });

  test('begin anew with each batch', () => {
    const envelopes = run({ by: 'records', limit: 2 }, [['aaa'], ['bbb'], ['ccc'], ['ddd']], 5);
    expect(places(envelopes)).toEqual(['0.0', '0.1!', '1.0', '1.1!', 'ok']);
  });
});

describe('time', () => {
  // interval 10, started at 1003   |1000.....|1010.....|1020.....|1030
  // records                             a  b           c
  // ticks                                    ^1010                ^1031
  /** Nothing is closed before the stream has begun, with an empty block where there is nothing else. */
  const begun = (startedAt: number): BatchCore => {
    const core = new BatchCore({ by: 'interval', milliseconds: 10 }, 1000, startedAt);
    expect(core.deadline()).toBeUndefined();
    expect(Array.from(core.accept(envelope([]), startedAt))).toEqual([]);
    return core;
  };

  test('batches are aligned to the epoch, and empty ones come on time', () => {
    const core = begun(1003);
    expect(core.deadline()).toBe(1010);
    expect(Array.from(core.accept(envelope(['a', 'b']), 1003))).toEqual([]);
    const [first, ...more] = core.tick(1010);
    expect(more).toEqual([]);
    expect(first?.header).toEqual({ v: 1, batch: 0, part: 0, last: true, n: 2, from: 1000, to: 1010 });
    const empty = Array.from(core.tick(1031));
    expect(empty.map(({ header }) => header)).toEqual([
      { v: 1, batch: 1, part: 0, last: true, n: 0, from: 1010, to: 1020 },
      { v: 1, batch: 2, part: 0, last: true, n: 0, from: 1020, to: 1030 },
    ]);
    expect(core.deadline()).toBe(1040);
  });

  test('a tick before time does nothing', () => {
    const core = begun(1000);
    expect(Array.from(core.tick(1009))).toEqual([]);
    expect(Array.from(core.tick(1010))).toHaveLength(1);
  });

  test('(fault 24) a clock that goes back moves no batch back', () => {
    const core = begun(1000);
    Array.from(core.tick(1010));
    Array.from(core.accept(envelope(['late']), 1010));
    expect(Array.from(core.tick(995))).toEqual([]);
    expect(core.deadline()).toBe(1020);
    const [second] = core.tick(1020);
    expect(second?.header).toMatchObject({ batch: 1, n: 1, from: 1010, to: 1020 });
  });

  test('at the end the open batch is closed, and none is made up', () => {
    const core = begun(1000);
    expect(Array.from(core.tick(1010))).toHaveLength(1);
    expect(places(runAll(core, []))).toEqual(['ok']);
    const open = begun(1000);
    expect(places(runAll(open, [envelope(['a'])]))).toEqual(['0.0!', 'ok']);
  });

  test('what went by before the stream began is closed first', () => {
    const core = new BatchCore({ by: 'interval', milliseconds: 10 }, 1000, 1003);
    expect(Array.from(core.tick(1012))).toEqual([]);
    const closed = Array.from(core.accept(envelope(['a']), 1015));
    expect(closed.map(({ header: { n, to } }) => ({ n, to }))).toEqual([{ n: 0, to: 1010 }]);
    expect(core.deadline()).toBe(1020);
  });

  test.each(['records', 'bytes', 'end'] as const)('batches by %s have no deadline', (by) => {
    const core = new BatchCore({ by, limit: 1 }, 1000, 1000);
    expect(core.deadline()).toBeUndefined();
    expect(Array.from(core.tick(9999))).toEqual([]);
  });
});

test.each([{ reduced: { keys: [], aggregates: {} } }, { pane: { start: 0, end: 1 } }])(
  'what is batched already is refused: %j',
  (header) => {
    const core = new BatchCore({ by: 'end' }, 1000, 0);
    expect(failureOf(() => Array.from(core.accept(envelope(['a'], header), 0)))).toBe(
      'usage: these records are batched already',
    );
  },
);
