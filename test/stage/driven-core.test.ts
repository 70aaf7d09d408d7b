// A stage in a job that keeps state: it takes up what it held, and puts it down before a checkpoint leaves.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope, type Job } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { SluiceError } from '../../src/errors.ts';
import type { Core, Step } from '../../src/stage/core.ts';
import { withState } from '../../src/stage/driven-core.ts';
import { beginJob } from '../../src/state/begin-job.ts';
import { writeJob } from '../../src/state/identity.ts';
import { stateFolder } from '../../src/state/folder.ts';
import { writeSnapshot } from '../../src/state/snapshots.ts';
import { batch, envelope } from '../helpers/envelopes.ts';

const folders: string[] = [];
let folder: string;
let job: Job;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
  folders.push(folder);
  const begun = await beginJob(folder, '--format lines', () => undefined);
  job = begun.opening({}).header.job as Job;
});

// Not before: a new folder might get the same inode, by which locks go.
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true })));

/** Counts records over all batches, and says how many there are. */
class Counter implements Core {
  count = 0;

  *accept({ header }: Envelope): Generator<Envelope> {
    this.count += header.n;
    // What is held is settled only after the last part has been asked for.
    if (header.last) yield envelope([this.count], { batch: header.batch ?? 0, part: 0, last: true });
    this.count += 0;
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield envelope(['flushed'], { batch: 9, part: 0, last: true });
    yield ending;
  }

  snapshot(): Json {
    return this.count;
  }

  restore(snapshot: Json): void {
    this.count = snapshot as number;
  }
}

async function drained(steps: Iterable<Step>): Promise<Envelope[]> {
  const outputs: Envelope[] = [];
  for (const step of steps) {
    if (step instanceof Promise) await step;
    else outputs.push(step);
  }
  return outputs;
}

const openingOf = (more: Partial<Job> = {}): Envelope => envelope([], { job: { ...job, ...more } });
const countFiles = (): string[] => {
  const path = join(folder, 'state', '1-count');
  return existsSync(path) ? readdirSync(path) : [];
};

const start = (core = new Counter(), name = 'count'): Core => withState(core, { name, shape: `of ${name}` });

describe('a stage in a job', () => {
  test('adds itself to what the stream says of the job', async () => {
    const [opening] = await drained(start().accept(openingOf(), 0));
    expect(opening?.header.job?.stages).toEqual([
      { key: '0-ingest', shape: '--format lines' },
      { key: '1-count', shape: 'of count' },
    ]);
  });

  test('has what it holds on the disk when a checkpoint leaves, and not at other batches', async () => {
    const core = start();
    await drained(core.accept(openingOf(), 0));
    const seen: (readonly [unknown, string[]])[] = [];
    for (const input of [batch(0, ['a']), batch(1, ['b', 'c'], { checkpoint: 1 })])
      for (const { header } of await drained(core.accept(input, 0)))
        seen.push([header.checkpoint, countFiles()]);
    expect(seen).toEqual([
      [undefined, []],
      [1, ['000001']],
    ]);
  });

  test('hands on where the records of a batch were read', async () => {
    const core = start();
    await drained(core.accept(openingOf(), 0));
    const offsets = { a: { from: { offset: 0 }, until: { offset: 9 } } };
    const [output] = await drained(core.accept(batch(0, ['a'], { offsets }), 0));
    expect(output?.header.offsets).toEqual(offsets);
  });

  test('begins with what it held at the checkpoint', async () => {
    writeSnapshot(join(folder, 'state', '1-count'), 4, 2);
    const core = start();
    await drained(core.accept(openingOf({ after: 4 }), 0));
    const [output] = await drained(core.accept(batch(5, ['a']), 0));
    expect(output?.payload.toString()).toBe('3');
  });

  test.each([
    ['failed', []],
    ['paused', []],
    ['ok', ['flushed']],
  ] as const)('an end that is %s closes what is open only where the job is over', async (end, expected) => {
    const core = start();
    await drained(core.accept(openingOf(), 0));
    await drained(core.accept(batch(0, ['a']), 0));
    const outputs = await drained(core.end(endEnvelope(end), 0));
    expect(outputs.slice(0, -1).map(({ payload }) => payload.toString())).toEqual(
      expected.map((text) => JSON.stringify(text)),
    );
    expect(outputs.at(-1)?.header.end).toBe(end);
  });

  test('a checkpoint with the end is kept too', async () => {
    const core = start();
    await drained(core.accept(openingOf(), 0));
    await drained(core.accept(batch(0, ['a']), 0));
    const paused = endEnvelope('paused');
    await drained(core.end({ ...paused, header: { ...paused.header, checkpoint: 0 } }, 0));
    expect(countFiles()).toEqual(['000000']);
  });
});

describe('what is refused', () => {
  const failure = async (steps: Iterable<Step>): Promise<string> => {
    try {
      await drained(steps);
    } catch (error) {
      if (error instanceof SluiceError)
        return `${error.stage}: ${error.exit}: ${error.message.replace(folder, 'DIR')}`;
      throw error;
    }
    return 'nothing';
  };

  test('a second stage of the same place', async () => {
    const first = start();
    await drained(first.accept(openingOf(), 0));
    expect(await failure(start().accept(openingOf(), 0))).toBe(
      'count: tryLater: another stage 1-count is using the state in DIR',
    );
  });

  test('a run that begins where the stage has nothing', async () => {
    expect(await failure(start().accept(openingOf({ after: 4 }), 0))).toBe(
      'count: inputOutput: DIR has nothing of what stage 1-count held after batch 4',
    );
  });

  test('a stream of a run that is over', async () => {
    expect(await failure(start().accept(openingOf({ run: 'older' }), 0))).toBe(
      'count: tryLater: this stream is of a run that does not have the state in DIR any more',
    );
  });

  test('a stage whose state is of another kind', async () => {
    writeJob(stateFolder(job.state), [...job.stages, { key: '1-count', shape: 'of something else' }]);
    expect(await failure(start().accept(openingOf(), 0))).toBe(
      'count: stateMisfit: the state in DIR is not of this job: 1-count was `of something else` and is now `of count`',
    );
  });
});

test('other streams pass through', async () => {
  const core = start();
  expect(
    (await drained(core.accept(batch(0, ['a'], { checkpoint: 0 }), 0))).map(({ header }) => header.n),
  ).toEqual([1]);
  expect(await drained(core.end(endEnvelope('ok'), 0))).toHaveLength(2);
  expect(countFiles()).toEqual([]);
});
