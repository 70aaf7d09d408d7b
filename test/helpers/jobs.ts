// Runs of a job in this process: `ingest` and `batch` as they are, with the real log; sinks are a map of what each batch
// held. A batch that is made again has to be the same again.
import { mkdirSync } from 'node:fs';
import { BatchCore } from '../../src/batch/batch.ts';
import { JobBatches } from '../../src/batch/job-batches.ts';
import type { BatchPolicy } from '../../src/batch/policy.ts';
import { isEnd, type Envelope, type Job } from '../../src/envelope/envelope.ts';
import { formatFrom } from '../../src/ingest/formats/registry.ts';
import { IngestCore } from '../../src/ingest/ingest.ts';
import { readOn, type ReadingOn } from '../../src/ingest/read-on.ts';
import { operandsOf } from '../../src/ingest/sources/registry.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { openBatchLog } from '../../src/state/batch-log.ts';
import { Commits } from '../../src/state/commits.ts';
import { stateFolder } from '../../src/state/folder.ts';
import { recover } from '../../src/state/recover.ts';
import { envelope, recordsOf } from './envelopes.ts';

export type Run = {
  readonly isFollowing?: boolean;
  readonly isFinal?: boolean;
  /** Called before each round but the first; after the last of them the run is stopped. */
  readonly between?: readonly (() => Promise<void> | void)[];
  /** The run dies after so many envelopes of `batch`. */
  readonly diesAfter?: number | undefined;
  readonly policy?: BatchPolicy;
};

/** In milliseconds of the clock below, which goes on by ten with each chunk that is read. */
const checkpointEvery = 35;

export class TestJob {
  readonly #state: string;
  readonly #operands: string[];
  readonly #settings: Partial<ReadingOn>;
  readonly batches = new Map<number, string[]>();
  readonly warnings: string[] = [];
  /** Batches that were made once more. */
  again = 0;

  constructor(state: string, operands: string[], settings: Partial<ReadingOn> = {}) {
    this.#state = state;
    this.#operands = operands;
    this.#settings = settings;
    for (const folder of ['offsets', 'commits']) mkdirSync(`${state}/${folder}`, { recursive: true });
  }

  get records(): string[] {
    return Array.from(this.batches.keys())
      .sort((one, other) => one - other)
      .flatMap((batch) => this.batches.get(batch) ?? []);
  }

  async run(run: Run = {}): Promise<void> {
    const { isFollowing = false, isFinal = false, between = [], policy = { by: 'end' } } = run;
    const folder = stateFolder(this.#state);
    const { after, start, batches, commit } = recover(folder, (message) => this.warnings.push(message));
    const ended = commit?.isEnded ? (commit.batch ?? -1) : -1;
    const next = 1 + Math.max(after, batches.at(-1)?.batch ?? -1, ended);
    const job: Job = {
      state: this.#state,
      run: 'test',
      ...(after >= 0 && { after }),
      next,
      positions: start.positions,
      stages: [],
    };
    const stop = new AbortController();
    const steps = [...between];
    const reading: ReadingOn = {
      operands: operandsOf(this.#operands),
      isFollowing,
      isFinal,
      job: { positions: start.positions, again: batches, wal: folder.wal },
      warn: (message) => this.warnings.push(message),
      grace: 0,
      pause: async () => {
        const step = steps.shift();
        if (step) await step();
        else stop.abort();
      },
      ...this.#settings,
    };
    const rejects = failOnReject;
    const ingest = new IngestCore({
      format: formatFrom({ format: 'lines' }, rejects),
      rejects,
      sources: [],
      maxRecord: 1024 * 1024,
      startedAt: 0,
    });
    const batch = new BatchCore(policy, 1024, 0, (one) =>
      Promise.resolve(new JobBatches(openBatchLog(one), one, checkpointEvery, 0)),
    );
    await batch.attach(job);
    // Where records stand is told to jobs only.
    Array.from(ingest.accept({ opening: envelope([], { job }) }, 0));
    let left = run.diesAfter ?? Number.POSITIVE_INFINITY;
    const commits = new Commits(folder.commits);
    let checkpoints = commit?.checkpoints ?? [];
    let open: string[] = [];
    let now = 0;
    const receive = (received: Envelope): void => {
      const { header } = received;
      open.push(...(recordsOf([received]) as string[]));
      if (header.last && header.batch !== undefined) {
        const known = this.batches.get(header.batch);
        if (known && JSON.stringify(known) !== JSON.stringify(open))
          throw new Error(`batch ${header.batch} was ${known.join()} and is now ${open.join()}`);
        if (known) this.again += 1;
        this.batches.set(header.batch, open);
        open = [];
      }
      if (header.checkpoint !== undefined && (header.batch ?? header.end) !== undefined) {
        checkpoints = [header.checkpoint, ...checkpoints].slice(0, 2);
        commits.write({
          batch: header.checkpoint,
          checkpoints,
          sinks: [],
          ...(header.end === 'ok' && { isEnded: true }),
        });
      }
    };
    const chunks = readOn(reading, stop.signal);
    const feed = (envelopes: Iterable<Envelope>): void => {
      for (const block of envelopes) {
        for (const out of isEnd(block) ? batch.end(block, now) : batch.accept(block, now)) {
          if (left <= 0) throw new Died();
          left -= 1;
          receive(out);
        }
      }
    };
    try {
      for (;;) {
        const { value, done } = await chunks.next();
        feed(done ? ingest.end(value, now) : ingest.accept(value, now));
        if (done) return;
        now += 10;
        // A block leaves, as it does when time goes by.
        feed(ingest.tick(now));
      }
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    } finally {
      await chunks.return(undefined as never);
    }
  }
}

class Died extends Error {}
