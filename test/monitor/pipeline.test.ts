// What the reports of a pipeline come to: delays as Spark has them, rates, progress, and whether it keeps up.
import { describe, expect, test } from 'vitest';
import type { StageReport } from '../../src/envelope/envelope.ts';
import { formatBytes, formatCount, formatTimeSpan } from '../../src/monitor/amounts.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import { Pipeline, skewOf, type BatchView } from '../../src/monitor/pipeline.ts';
import { statusLine } from '../../src/monitor/status-line.ts';

const report = (stage: string, counts: Partial<StageReport> = {}): StageReport => ({
  stage,
  in: 0,
  out: 0,
  bytes: 0,
  ms: 0,
  ...counts,
});

/** Batch `number` of `[1000 n, 1000 (n + 1))`, with the sink at `at`. */
function closeBatch(pipeline: Pipeline, number: number, at: number, records = 10): BatchView {
  const head = { batch: number, from: 1000 * number, to: 1000 * (number + 1), last: true, at };
  const view = pipeline.report([report('ingest', { out: records }), report('emit', { out: 1 })], head);
  if (!view) throw new Error('it is not whole');
  return view;
}

describe('delays', () => {
  test('of a pipeline that keeps up are those of the work', () => {
    const pipeline = new Pipeline(0);
    expect(closeBatch(pipeline, 0, 1040)).toMatchObject({
      schedulingDelay: 0,
      processing: 40,
      totalDelay: 40,
      records: 10,
      rows: 1,
      inputRate: 10,
    });
    expect(closeBatch(pipeline, 1, 2030)).toMatchObject({ schedulingDelay: 0, processing: 30 });
  });

  test('of a batch that waits for the one before are scheduling delay first', () => {
    const pipeline = new Pipeline(0);
    closeBatch(pipeline, 0, 2500);
    // Due at 2000, begun at 2500, done at 4000.
    expect(closeBatch(pipeline, 1, 4000)).toMatchObject({
      schedulingDelay: 500,
      processing: 1500,
      totalDelay: 2000,
    });
  });

  test('are none for the last batch, which the end of the input closes before its time', () => {
    expect(closeBatch(new Pipeline(0), 0, 300)).toMatchObject({
      schedulingDelay: 0,
      processing: 0,
      totalDelay: 0,
    });
  });

  test('of a batch without interval: what the busiest stage did', () => {
    const view = new Pipeline(0).report([report('ingest', { ms: 3 }), report('reduce', { ms: 8 })], {
      batch: 0,
      last: true,
      at: 50,
    });
    expect(view).toMatchObject({ processing: 8 });
    expect(view).not.toHaveProperty('schedulingDelay');
  });
});

test('what is reported while a batch goes on counts to it', () => {
  const pipeline = new Pipeline(0);
  expect(pipeline.report([report('ingest', { out: 5 })], { batch: undefined, at: 500 })).toBeUndefined();
  expect(pipeline.view(500).rate).toBe(10);
  expect(pipeline.report([report('ingest', { out: 7 })], { batch: 0, last: true, at: 1000 })).toMatchObject({
    records: 12,
  });
});

test('the rate is that of the last seconds', () => {
  const pipeline = new Pipeline(0);
  for (let second = 1; second <= 60; second += 1)
    pipeline.report([report('ingest', { out: second < 40 ? 1000 : 10 })], {
      batch: undefined,
      at: 1000 * second,
    });
  expect(Math.round(pipeline.view(60_000).rate)).toBe(10);
  // Nothing comes any more.
  expect(pipeline.view(90_000).rate).toBeLessThan(4);
});

test('a finite input has progress, and the time that is left', () => {
  const pipeline = new Pipeline(0);
  pipeline.report([report('ingest', { done: 25, total: 100 })], { batch: undefined, at: 5000 });
  expect(pipeline.view(5000).progress).toEqual({ done: 25, total: 100, left: 15_000 });
  pipeline.report([report('ingest', { done: 100, total: 100 })], { batch: undefined, at: 9000 });
  expect(pipeline.view(9000).progress).toEqual({ done: 100, total: 100 });
});

test.each([
  ['nothing was divided', {}, undefined],
  ['one task has nobody to be compared with', { tasks: 1, taskMs: 5, slowestTask: 5 }, undefined],
  ['the slowest task beside the mean', { tasks: 4, taskMs: 40, slowestTask: 25 }, 2.5],
  ['partitions, where there are some', { tasks: 4, taskMs: 40, slowestTask: 25, imbalance: 1.2 }, 1.2],
])('skew: %s', (_name, counts, skew) => expect(skewOf(report('reduce', counts))).toBe(skew));

test('memory is bounded', () => {
  const pipeline = new Pipeline(0);
  for (let number = 0; number < 1000; number += 1) closeBatch(pipeline, number, 1000 * number + 1001);
  expect(pipeline.batches).toHaveLength(300);
  expect(pipeline.view(0).batches).toBe(1000);
});

test('of files that are reduced where they are read, bytes are known and records are not', () => {
  const pipeline = new Pipeline(0);
  pipeline.report([report('scan', { done: 5_000_000, total: 10_000_000 })], { batch: undefined, at: 1000 });
  expect(statusLine(pipeline.view(1000))).toBe('5.0 MB/s · 50% of 10 MB, 1.0s left · busiest: scan 0%');
  const view = pipeline.report([report('scan', { out: 3, done: 10_000_000, total: 10_000_000 })], {
    batch: 0,
    last: true,
    at: 2000,
  });
  expect(view).not.toHaveProperty('records');
  expect(view).not.toHaveProperty('inputRate');
});

describe('a pipeline that does not keep up', () => {
  function saidOf(
    takes: (number: number) => number,
    count: number,
    { slow = 'reduce', interval = 1000 } = {},
  ): string[] {
    const said: string[] = [];
    const monitor = new Monitor(0, (message, hint) => said.push(`${message} | ${hint}`));
    let at = 0;
    for (let number = 0; number < count; number += 1) {
      at = Math.max(at, interval * (number + 1)) + takes(number);
      const stages = ['ingest', 'reduce', 'emit'].map((name) =>
        report(name, name === slow ? { ms: takes(number) } : {}),
      );
      monitor.report(stages, {
        batch: number,
        from: interval * number,
        to: interval * (number + 1),
        last: true,
        at,
      });
    }
    return said;
  }

  test('says so once, with the stage that is busiest', () => {
    expect(saidOf(() => 1300, 40)).toEqual([
      'batches are later and later: batch 9 was done 4.0s after its time, at an interval of 1.0s | reduce is busy 100% of the time; a longer interval, fewer keys or `sluice run` with --workers may help',
    ]);
  });

  test('of a slow sink says what helps there', () => {
    expect(saidOf(() => 1300, 40, { slow: 'emit' })).toEqual([
      expect.stringMatching(
        /emit is busy 100% of the time; a longer interval, so that it writes less often, or/,
      ),
    ]);
  });

  test('says so again where it had caught up', () => {
    expect(saidOf((number) => (number > 15 && number < 40 ? 100 : 1300), 60)).toHaveLength(2);
  });

  test.each([
    ['keeps up', () => 900],
    ['has a long batch now and then', (number: number) => (number % 8 === 0 ? 4000 : 100)],
    ['is late, but no later', (number: number) => (number === 0 ? 20_000 : 1000)],
  ])('says nothing where it %s', (_name, takes) => {
    expect(saidOf(takes, 60)).toEqual([]);
  });

  test('of short intervals says nothing before it is a second late', () => {
    expect(saidOf(() => 110, 60, { interval: 100 })).toEqual([]);
    expect(saidOf(() => 110, 200, { interval: 100 })).toEqual([expect.stringMatching(/^batches are later/)]);
  });
});

describe('the line on what the pipeline does', () => {
  const pipeline = new Pipeline(1000);
  const empty = statusLine(pipeline.view(1000));
  pipeline.report(
    [
      report('ingest', { out: 1200, ms: 100, done: 30_000_000, total: 120_000_000, cut: 2 }),
      report('reduce', { in: 1200, out: 1, ms: 1220, rejected: 1 }),
    ],
    { batch: 12, from: 0, to: 2000, last: true, watermark: 1000, at: 3000 },
  );
  const view = pipeline.view(3000);

  test('before anything is known', () => expect(empty).toBe('waiting for the first batch'));

  test('in full', () => {
    expect(statusLine(view)).toBe(
      'batch 12 · 1.2k records (600/s) · 25% of 120 MB, 6.0s left · processing 1.0s of 2.0s · scheduling delay 0ms · watermark lag 2.0s · busiest: reduce 61% · 2 cut · 1 rejected',
    );
  });

  test('in a narrow terminal: what is wrong stays longest', () => {
    expect(statusLine(view, 77)).toBe('1.2k records (600/s) · 25% of 120 MB, 6.0s left · 2 cut · 1 rejected');
    expect(statusLine(view, 20)).toBe('1.2k records (600/s)');
  });
});

test.each([
  [0, '0ms', '0', '0 B'],
  [7.5, '8ms', '7.5', '7.5 B'],
  [999, '999ms', '999', '999 B'],
  [1000, '1.0s', '1.0k', '1.0 kB'],
  [59_960, '1m00s', '60k', '60 kB'],
  [3_599_700, '1h00m', '3.6M', '3.6 MB'],
  [90_061_000, '1d01h', '90M', '90 MB'],
  [9_990_000_000, '115d15h', '10G', '10 GB'],
])('%d for people', (amount, span, count, bytes) => {
  expect([formatTimeSpan(amount), formatCount(amount), formatBytes(amount)]).toEqual([span, count, bytes]);
});
