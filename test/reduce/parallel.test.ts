// Any split of any stream, folded by any number of worker threads: the same bytes. The threads run the built worker.
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeEnvelope } from '../../src/envelope/encode.ts';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { SluiceError } from '../../src/errors.ts';
import { Executor } from '../../src/executor/executor.ts';
import { kernelFieldsOf } from '../../src/reduce/kernel-fields.ts';
import { ParallelReduce } from '../../src/reduce/parallel.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import type { Rejects } from '../../src/stage/rejects.ts';
import { envelope, runAll, runAllAwaiting } from '../helpers/envelopes.ts';

const executors = [0, 1, 4].map((workers) => new Executor({ workers, taskTimeout: 60_000 }));
afterAll(() => Promise.all(executors.map((executor) => executor.close())));

type Job = { readonly words: boolean; readonly by: string[]; readonly aggregates: string[] };

const jobs: Record<string, Job> = {
  words: { words: true, by: [], aggregates: [] },
  columns: { words: false, by: ['$1'], aggregates: ['count', 'sum($2)'] },
  members: { words: false, by: ['a', 'b'], aggregates: ['sum(n)', 'count'] },
  quantiles: { words: false, by: ['a'], aggregates: ['p90(n)', 'count', 'median(n)'] },
  'quantiles of columns': { words: false, by: ['$1'], aggregates: ['median($2)', 'sum($2)'] },
  'no keys': { words: false, by: [], aggregates: ['avg(n)'] },
};

const word = fc.constantFrom('a', 'b', 'ü', '-', '_other', '0.1', '7', 'x'.repeat(20));
const line: fc.Arbitrary<Json> = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
const number: fc.Arbitrary<number> = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const odd: fc.Arbitrary<Json> = fc.constantFrom<Json>(null, 3, 'text', { n: 'no number' }, { n: 2 ** 60 }, [
  'a',
]);
const object: fc.Arbitrary<Json> = fc
  .tuple(word, fc.option(number), number)
  .map(([a, b, n]) => ({ a, b, n }));
/** Streams of one kind of record, and of all kinds and worse. */
const records = fc.constantFrom(line, object, fc.oneof(line, object, object, odd));

/** Batches of parts; in some the parts belong to panes. */
const stream: fc.Arbitrary<Envelope[]> = records
  .map((record) => fc.tuple(fc.array(record, { maxLength: 6 }), fc.nat(1)))
  .chain((part) => fc.array(fc.array(part, { minLength: 1, maxLength: 6 }), { maxLength: 3 }))
  .chain((batches) => fc.boolean().map((isPaned) => ({ batches, isPaned })))
  .map(({ batches, isPaned }) =>
    batches.flatMap((parts, batch) =>
      parts.map(([kept, at], part) => {
        const last = part === parts.length - 1;
        const start = batch * 20;
        const paned = isPaned && {
          pane: { start: start + at * 10, end: start + at * 10 + 10 },
          ...(last && { closed: [{ start, end: start + 20 }] }),
        };
        return envelope(kept, { batch, part, last, ...paned });
      }),
    ),
  );

type Ran = { readonly rejected: unknown[]; readonly bytes: string } | { readonly failure: string };

async function ran(
  job: Job,
  maxKeys: number | undefined,
  isStrict: boolean,
  run: (core: ReduceCore, rejects: Rejects) => Promise<Envelope[]> | Envelope[],
): Promise<Ran> {
  const rejected: unknown[] = [];
  const rejects: Rejects = {
    stops: isStrict,
    reject: (record, place, reason) => {
      if (isStrict) throw new SluiceError('badData', `${place}: ${reason}`);
      rejected.push([record, place, reason]);
    },
    takeCount: () => 0,
  };
  const plan = planFrom({ ...job, partial: false, maxKeys }, job.aggregates);
  const core = new ReduceCore(plan, { partial: false, partSize: 60, caveats: new Set(), rejects });
  try {
    const outputs = await run(core, rejects);
    return { rejected, bytes: Buffer.concat(outputs.flatMap(encodeEnvelope)).toString() };
  } catch (error) {
    if (error instanceof SluiceError) return { failure: error.message };
    throw error;
  }
}

function inParallel(
  job: Job,
  maxKeys: number | undefined,
  executor: Executor,
  inputs: readonly Envelope[],
  taskSize: number,
) {
  const plan = planFrom({ ...job, partial: false, maxKeys }, job.aggregates);
  return (core: ReduceCore, rejects: Rejects): Promise<Envelope[]> => {
    const fields = plan && kernelFieldsOf(plan);
    if (!fields && plan?.takes !== 'words') return runAllAwaiting(core, inputs);
    return runAllAwaiting(new ParallelReduce(core, { executor, rejects, fields, taskSize }), inputs);
  };
}

const bound = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });

describe.each(Object.entries(jobs))('%s', (name, job) => {
  test('are the same bytes for 0, 1 and 4 workers', async () => {
    await fc.assert(
      fc.asyncProperty(stream, bound, fc.boolean(), fc.nat(100), async (inputs, maxKeys, isStrict, size) => {
        const [none, one, four] = await Promise.all(
          executors.map((executor) =>
            ran(job, maxKeys, isStrict, inParallel(job, maxKeys, executor, inputs, size)),
          ),
        );
        expect(one).toEqual(none);
        expect(four).toEqual(none);
        // Fractions may be added up in another order, part by part; words never are, nor what is folded one by one.
        if (name === 'words' || (maxKeys !== undefined && job.by.length > 0))
          expect(none).toEqual(await ran(job, maxKeys, isStrict, (core) => runAll(core, inputs)));
      }),
      { numRuns: 100 },
    );
  });
});

test('small batches are folded without a worker', async () => {
  const executor = new Executor({ workers: 1, taskTimeout: 1 }, '/no/such/worker.js');
  const inputs = [envelope(['a b'], { batch: 0, part: 0, last: true })];
  const job = jobs['words'] as Job;
  const outcome = await ran(job, undefined, true, inParallel(job, undefined, executor, inputs, 1024 ** 2));
  expect(outcome).toHaveProperty('bytes');
});
