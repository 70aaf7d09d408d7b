// The batches of a job that keeps state: what is written down of them, and that they are made again just as they were.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchCore } from '../../src/batch/batch.ts';
import { JobBatches } from '../../src/batch/job-batches.ts';
import type { BatchPolicy } from '../../src/batch/policy.ts';
import { endEnvelope, type Envelope, type Job, type Position } from '../../src/envelope/envelope.ts';
import { stoppedEarly } from '../../src/stage/stage.ts';
import type { BatchLog } from '../../src/state/batch-log.ts';
import type { LoggedBatch, LogStart } from '../../src/state/offsets-log.ts';
import { envelope, failureOf, ready, recordsOf } from '../helpers/envelopes.ts';

/** A log in memory. */
class Log implements BatchLog {
  readonly start: LogStart;
  readonly again: readonly LoggedBatch[];
  readonly appended: LoggedBatch[] = [];
  readonly checkpoints: { after: number; start: LogStart }[] = [];

  constructor(again: readonly LoggedBatch[] = [], start: LogStart = { positions: {} }) {
    this.again = again;
    this.start = start;
  }

  append(batch: LoggedBatch): void {
    this.appended.push(batch);
  }

  checkpoint(after: number, start: LogStart): void {
    this.checkpoints.push({ after, start: structuredClone(start) });
  }
}

const job: Job = { state: '/s', run: 'r', next: 0, positions: {}, stages: [] };
const paused = endEnvelope('paused');
const never = 1e9;

async function coreWith(
  policy: BatchPolicy,
  log: Log,
  every = never,
  given: Partial<Job> = {},
): Promise<BatchCore> {
  const next = log.again.filter(({ end }) => !end).length;
  const core = new BatchCore(
    policy,
    1e6,
    0,
    async () => new JobBatches(log, { ...job, next, ...given }, every, 0),
  );
  await core.attach({ ...job, ...given });
  return core;
}

/** A block of `source`'s records from number `first` on; a byte is a record. */
function block(source: string, first: number, count: number): Envelope {
  const records = Array.from({ length: count }, (_, index) => `${source}${first + index}`);
  const offsets = { [source]: { from: { offset: first }, until: { offset: first + count } } };
  return envelope(records, { offsets });
}

const feed = (core: BatchCore, inputs: readonly Envelope[], now = 0): Envelope[] =>
  inputs.flatMap((input) => ready(core.accept(input, now)));

/** `0: a0 a1` for batch 0. */
function told(envelopes: readonly Envelope[]): string[] {
  const batches = new Map<number, unknown[]>();
  for (const part of envelopes)
    if (part.header.batch !== undefined)
      batches.set(part.header.batch, [...(batches.get(part.header.batch) ?? []), ...recordsOf([part])]);
  return Array.from(batches, ([batch, records]) => `${batch}: ${records.join(' ')}`);
}

describe('what is written down', () => {
  test('the places between which the records of a batch stand, also within a block', async () => {
    const log = new Log();
    const core = await coreWith({ by: 'records', limit: 3 }, log);
    feed(core, [block('a', 0, 5), block('b', 0, 2)]);
    expect(log.appended).toEqual([
      { batch: 0, records: 3, offsets: { a: { from: { offset: 0 }, until: { offset: 3 } } } },
      {
        batch: 1,
        records: 3,
        offsets: {
          a: { from: { offset: 3 }, until: { offset: 5 } },
          b: { from: { offset: 0 }, until: { offset: 1 } },
        },
      },
    ]);
  });

  test('records that are longer, or have gaps between them, are counted from a place that is known', async () => {
    const log = new Log();
    const core = await coreWith({ by: 'records', limit: 3 }, log);
    const offsets = { a: { from: { offset: 0 }, until: { offset: 50 } } };
    feed(core, [envelope(['a0', 'a1', 'a2', 'a3', 'a4'], { offsets }), block('b', 0, 1)]);
    expect(log.appended.map((batch) => batch.offsets['a'])).toEqual([
      { from: { offset: 0 }, until: { offset: 0, skip: 3 } },
      { from: { offset: 0, skip: 3 }, until: { offset: 50 } },
    ]);
  });

  test('what is to be flushed is closed, unless the clock closes it', async () => {
    const flush: Envelope = { header: { v: 1, n: 0, flush: true }, payload: Buffer.alloc(0) };
    const counted = await coreWith({ by: 'records', limit: 100 }, new Log());
    expect(told(feed(counted, [block('a', 0, 2), flush, flush, block('a', 2, 1), flush]))).toEqual([
      '0: a0 a1',
      '1: a2',
    ]);
    const timed = await coreWith({ by: 'interval', milliseconds: 10 }, new Log());
    expect(feed(timed, [block('a', 0, 2), flush])).toEqual([]);
  });

  test('input without a record is passed over with the batch', async () => {
    const log = new Log();
    const core = await coreWith({ by: 'end' }, log);
    feed(core, [
      {
        header: { v: 1, n: 0, offsets: { a: { from: { offset: 0 }, until: { offset: 9 } } } },
        payload: Buffer.alloc(0),
      },
    ]);
    expect(ready(core.end(paused, 0)).at(-1)?.header).toMatchObject({ end: 'paused', checkpoint: 0 });
    expect(log.checkpoints).toEqual([{ after: 0, start: { positions: { a: { offset: 9 } } } }]);
  });

  test('a checkpoint every so often, on the last part of a batch, and with the end', async () => {
    const log = new Log();
    const core = await coreWith({ by: 'records', limit: 1 }, log, 10);
    const outputs = [
      ...feed(core, [block('a', 0, 1)], 9),
      ...feed(core, [block('a', 1, 1)], 10),
      ...feed(core, [block('a', 2, 1)], 19),
      ...ready(core.end(paused, 19)),
    ];
    expect(outputs.map(({ header }) => header.checkpoint)).toEqual([undefined, 1, undefined, 2]);
    expect(log.checkpoints.map(({ after }) => after)).toEqual([1, 2]);
  });

  test('the end for good has a number of its own', async () => {
    const log = new Log();
    const core = await coreWith({ by: 'end' }, log);
    feed(core, [block('a', 0, 1)]);
    expect(ready(core.end(endEnvelope('ok'), 0)).at(-1)?.header).toMatchObject({ end: 'ok', checkpoint: 1 });
    expect(log.appended.at(-1)).toEqual({ batch: 1, records: 0, offsets: {}, end: true });
  });
});

describe('batches that are made again', () => {
  const logged: LoggedBatch[] = [
    { batch: 0, records: 2, from: 0, to: 10, offsets: {} },
    { batch: 1, records: 0, from: 10, to: 20, offsets: {} },
    { batch: 2, records: 1, from: 30, to: 40, offsets: {} },
  ];

  test('hold as many records and have the intervals that they had; new ones follow', async () => {
    const log = new Log(logged);
    const core = await coreWith({ by: 'interval', milliseconds: 10 }, log);
    const outputs = [...feed(core, [block('a', 0, 4)], 35), ...ready(core.tick(55))];
    expect(told(outputs)).toEqual(['0: a0 a1', '1: ', '2: a2', '3: a3']);
    expect(outputs.map(({ header: { from, to } }) => [from, to])).toEqual([
      [0, 10],
      [10, 20],
      [30, 40],
      [40, 50],
    ]);
    expect(log.appended.map(({ batch }) => batch)).toEqual([3]);
    expect(log.appended[0]?.offsets).toEqual({ a: { from: { offset: 3 }, until: { offset: 4 } } });
  });

  test('batches without records need none', async () => {
    const core = await coreWith({ by: 'end' }, new Log([{ batch: 0, records: 0, offsets: {} }]));
    expect(core.deadline()).toBe(0);
    expect(told(ready(core.tick(5)))).toEqual(['0: ']);
  });

  test('a signal within one leaves it to the next run; input that is gone is an error', async () => {
    const core = await coreWith(
      { by: 'end' },
      new Log([
        {
          batch: 0,
          records: 3,
          offsets: { a: { from: { offset: 0, file: { path: 'a.log' } }, until: { offset: 3 } } },
        },
      ]),
    );
    feed(core, [block('a', 0, 1)]);
    expect(ready(core.end(endEnvelope('paused', stoppedEarly), 0)).map(({ header }) => header)).toEqual([
      { v: 1, n: 0, end: 'paused', reason: stoppedEarly },
    ]);
    expect(failureOf(() => ready(core.end(paused, 0)))).toBe(
      'inputOutput: batch 0 is to be made again, and its records are not there any more: a.log has become shorter',
    );
  });

  test('a failed end closes nothing', async () => {
    const core = await coreWith({ by: 'end' }, new Log());
    feed(core, [block('a', 0, 1)]);
    expect(ready(core.end(endEnvelope('failed', 'why'), 0))).toEqual([endEnvelope('failed', 'why')]);
  });

  test('behind an end for good new input waits for the next run', async () => {
    const end: LoggedBatch = { batch: 1, records: 0, offsets: {}, end: true };
    const log = new Log([{ batch: 0, records: 1, offsets: {} }, end]);
    const core = await coreWith({ by: 'records', limit: 5 }, log, 0);
    const outputs = [...feed(core, [block('a', 0, 4)]), ...ready(core.end(paused, 0))];
    expect(told(outputs)).toEqual(['0: a0']);
    expect(outputs.at(-1)?.header).toMatchObject({ end: 'ok', checkpoint: 1 });
    expect(log.appended).toEqual([]);
    expect(log.checkpoints.map(({ after }) => after)).toEqual([1]);
  });
});

test('whenever a run breaks off, and however blocks are cut, the batches are the same', async () => {
  const blocksOf = (cuts: readonly number[], total: number, from: Position): Envelope[] => {
    const start = from.offset + (from.skip ?? 0);
    const places = [start, ...cuts.filter((cut) => cut > start && cut < total), total];
    return places.slice(1).flatMap((end, index) => {
      const begin = places[index] as number;
      return end > begin ? block('a', begin, end - begin) : [];
    });
  };
  const cuts = fc.uniqueArray(fc.nat(40)).map((places) => places.sort((one, other) => one - other));
  const policies = fc.oneof(
    fc.integer({ min: 1, max: 9 }).map((limit): BatchPolicy => ({ by: 'records', limit })),
    fc.constant<BatchPolicy>({ by: 'end' }),
  );
  await fc.assert(
    fc.asyncProperty(policies, cuts, cuts, fc.nat(12), async (policy, first, second, taken) => {
      const total = 41;
      const start: Position = { offset: 0 };
      const calm = await coreWith(policy, new Log());
      const expected = [...feed(calm, blocksOf(first, total, start)), ...ready(calm.end(paused, 0))];
      const broken = new Log();
      const before = await coreWith(policy, broken);
      feed(before, blocksOf(first, total, start).slice(0, taken));
      const behind = await coreWith(policy, new Log(broken.appended));
      const outputs = [...feed(behind, blocksOf(second, total, start)), ...ready(behind.end(paused, 0))];
      expect(told(outputs)).toEqual(told(expected));
    }),
  );
});
