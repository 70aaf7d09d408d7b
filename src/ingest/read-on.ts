// Sources that are read on and on: those of a job that keeps state, from where an earlier run left off, and those that are
// followed, in rounds. Each round reads what is new of each file in turn.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicTime } from '../clock.ts';
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import { stoppedEarly, type InputChunk } from '../stage/stage.ts';
import type { LoggedBatch, Positions } from '../state/offsets-log.ts';
import { FollowedFiles } from './followed-files.ts';
import { loggedId, readLogged } from './logged.ts';
import { readAgain } from './read-again.ts';
import { untilStopped } from './read-sources.ts';
import { Catalogue } from './sources/catalogue.ts';
import type { Operand } from './sources/registry.ts';
import type { Source } from './sources/source.ts';

/** Between two rounds, in milliseconds; longer where a round takes long, so that at most a tenth of the time is spent on looking. */
const leastPause = 100;
const mostPause = 2000;

export type ReadingOn = {
  readonly operands: readonly Operand[];
  readonly isFollowing: boolean;
  /** Nothing comes after this run: a last line without its end is one. */
  readonly isFinal: boolean;
  readonly job?: {
    readonly positions: Positions;
    readonly again: readonly LoggedBatch[];
    readonly wal: string;
  };
  readonly warn: (message: string) => void;
  /** For people who look on. */
  readonly tell?: (message: string) => void;
  /** Told what has been read so far, in bytes. */
  readonly onProgress?: (bytes: number) => void;
  /** As the catalogue has them. */
  readonly grace?: number;
  readonly turn?: number;
  /** Resolves when the next round is due. */
  readonly pause?: typeof pause;
};

export async function* readOn(reading: ReadingOn, stop: AbortSignal): AsyncGenerator<InputChunk, Envelope> {
  const { job, operands, isFollowing } = reading;
  const positions = job ? yield* readAgain(job.again, job.positions, job.wal) : {};
  const used = job?.again.flatMap(({ offsets }) => Object.keys(offsets));
  const catalogue = new Catalogue({ ...reading, positions, ...(used && { used }) });
  const files = new FollowedFiles(catalogue);
  try {
    for (const operand of operands) {
      if (!isFollowing) await files.check(operand);
      else if (!(await files.checkFollowed(operand))) reading.tell?.(`waiting for ${operand.text}`);
    }
    for (const path of catalogue.paths) yield* catalogue.forgetOver(path);
    for (let isFirst = true; ; isFirst = false) {
      const began = monotonicTime();
      const { taken } = catalogue;
      let isAll = true;
      for (const operand of operands) {
        isAll = (yield* whileRunning(files.read(operand), stop)) && isAll;
        for (const source of isFirst ? files.streamsOf(operand) : [])
          if (job) yield* untilStopped(logged(source, job.wal, positions), stop);
      }
      isAll = (yield* whileRunning(files.readRest(), stop)) && isAll;
      reading.onProgress?.(catalogue.taken);
      if (stop.aborted || (isAll && !isFollowing)) break;
      // What could not be read to its end is tried again, at once where there was something of it.
      if (isAll || catalogue.taken === taken) await (reading.pause ?? pause)(monotonicTime() - began, stop);
    }
    const isStopped = stop.aborted && job !== undefined;
    const isEnd = !isStopped && (reading.isFinal || !job);
    if (isEnd) yield* files.finish();
    return isEnd ? endEnvelope('ok') : endEnvelope('paused', isStopped ? stoppedEarly : undefined);
  } finally {
    await catalogue.close();
  }
}

function logged(source: Source, wal: string, positions: Positions): AsyncGenerator<InputChunk> {
  return readLogged(source, wal, positions[loggedId(source)] ?? { offset: 0 });
}

/** Ends between two chunks once `stop` is aborted. */
async function* whileRunning(
  chunks: AsyncGenerator<InputChunk, boolean>,
  stop: AbortSignal,
): AsyncGenerator<InputChunk, boolean> {
  try {
    while (!stop.aborted) {
      const { value, done } = await chunks.next();
      if (done) return value;
      yield value;
    }
    return false;
  } finally {
    await chunks.return(false);
  }
}

async function pause(roundTook: number, stop: AbortSignal): Promise<void> {
  const milliseconds = Math.min(mostPause, Math.max(leastPause, 9 * roundTook));
  await sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined);
}
