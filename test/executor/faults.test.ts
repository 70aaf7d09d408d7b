// Workers that refuse, throw, hang and die, with real threads; they run the built worker, so build first.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { SluiceError } from '../../src/errors.ts';
import { Executor } from '../../src/executor/executor.ts';
import { ParallelReduce } from '../../src/reduce/parallel.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { failOnReject, type Rejects } from '../../src/stage/rejects.ts';
import { envelope, recordsOf, runAllAwaiting } from '../helpers/envelopes.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));

const faultyWorker = fileURLToPath(new URL('faulty-worker.mjs', import.meta.url));
const kinds = { refuse: 'refused', throw: 'thrown', exit: 'exited with 3', hang: 'no answer within' };

let executor: Executor | undefined;
afterEach(async () => {
  await executor?.close();
  delete process.env['FAULT'];
});

/** Threads in which the task with `word` fails at first; `tries` tells how often it was begun. */
function faulty(kind: string, times: number, word = 'b0'): { executor: Executor; tries: () => number } {
  const marks = join(folder, 'marks');
  writeFileSync(marks, '');
  process.env['FAULT'] = JSON.stringify({ kind, word, times, marks });
  executor = new Executor({ workers: 2, taskTimeout: kind === 'hang' ? 500 : 60_000 }, faultyWorker);
  return { executor, tries: () => statSync(marks).size };
}

const parts = Array.from({ length: 6 }, (_, part) =>
  envelope([`a b${part}`, 'a'], { batch: 0, part, last: part === 5 }),
);

function reduction(threads: Executor, rejects: Rejects = failOnReject): ParallelReduce {
  const plan = planFrom({ by: [], words: true, partial: false }, []);
  const core = new ReduceCore(plan, { partial: false, partSize: 1000, caveats: new Set(), rejects });
  return new ParallelReduce(core, { executor: threads, rejects, taskSize: 1 });
}

describe.each(Object.entries(kinds))('a worker that does %s (fault 38)', (kind, message) => {
  test('once costs a second try', async () => {
    const { executor: threads, tries } = faulty(kind, 1);
    const rows = recordsOf(await runAllAwaiting(reduction(threads), parts));
    expect(rows[0]).toEqual({ word: 'a', count: 12 });
    expect(rows).toHaveLength(7);
    expect(tries()).toBe(2);
  });

  test('twice stops the stage as a bug, saying where', async () => {
    const failure: unknown = await runAllAwaiting(reduction(faulty(kind, 2).executor), parts).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(SluiceError);
    expect((failure as SluiceError).exitCode).toBe(70);
    expect((failure as SluiceError).message).toContain(message);
    expect((failure as SluiceError).message).toContain('batch 0, part 0');
  });

  test('twice costs the records of its task where rejected records are left out', async () => {
    const rejected: [Json, string, string][] = [];
    const rejects: Rejects = {
      reject: (record, place, reason) => void rejected.push([record, place, reason]),
      takeCount: () => 0,
    };
    const rows = recordsOf(await runAllAwaiting(reduction(faulty(kind, 2).executor, rejects), parts));
    expect(rows[0]).toEqual({ word: 'a', count: 10 });
    expect(rejected.map(([record, place]) => [record, place])).toEqual([
      ['a b0', 'batch 0, part 0, record 1'],
      ['a', 'batch 0, part 0, record 2'],
    ]);
    expect(rejected[0]?.[2]).toContain(message);
  });

  test('the last part of a batch too: the batch is closed all the same', async () => {
    const rejects: Rejects = { reject: () => undefined, takeCount: () => 0 };
    const outputs = await runAllAwaiting(reduction(faulty(kind, 2, 'lost').executor, rejects), [
      envelope(['lost'], { batch: 0, part: 0, last: true }),
      envelope(['kept'], { batch: 1, part: 0, last: true }),
    ]);
    expect(outputs.map(({ header: { batch, last, n, end } }) => end ?? [batch, last, n])).toEqual([
      [0, true, 0],
      [1, true, 1],
      'ok',
    ]);
  });
});

test('results come in the order of the stream where the first task takes longest', async () => {
  const { executor: threads } = faulty('hang', 1);
  const plan = planFrom({ by: [], words: true, partial: false, maxKeys: 2 }, []);
  const core = new ReduceCore(plan, {
    partial: false,
    partSize: 1000,
    caveats: new Set(),
    rejects: failOnReject,
  });
  const parallel = new ParallelReduce(core, { executor: threads, rejects: failOnReject, taskSize: 1 });
  // The keys that are kept are those of the first task, which is the last one to be done.
  expect(recordsOf(await runAllAwaiting(parallel, parts))).toEqual([
    { word: 'a', count: 12 },
    { word: 'b0', count: 1 },
    { word: '_other', count: 5 },
  ]);
});

test('no more tasks are under way than are taken in', async () => {
  let running = 0;
  let most = 0;
  const threads = new Executor({ workers: 4, taskTimeout: 60_000 });
  executor = threads;
  const run = threads.run.bind(threads);
  threads.run = (async (...task: Parameters<typeof run>) => {
    most = Math.max(most, ++running);
    try {
      return await run(...task);
    } finally {
      running -= 1;
    }
  }) as Executor['run'];
  const many = Array.from({ length: 50 }, (_, part) =>
    envelope(['a'], { batch: 0, part, last: part === 49 }),
  );
  expect(recordsOf(await runAllAwaiting(reduction(threads), many))).toEqual([{ word: 'a', count: 50 }]);
  expect(most).toBe(3);
});
