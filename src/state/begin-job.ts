// A run of a job begins: with ingest, which takes the folder, decides where to go on, and tells all stages in front of the
// first record.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formatVersion, noRecords, type Envelope, type Job } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { writeChecked } from './checked.ts';
import { openStateFolder, type StateFolder } from './folder.ts';
import { checkIdentity, readJob } from './identity.ts';
import { ingestKey, takeLock, waitForLocks } from './lock.ts';
import type { LoggedBatch, Positions } from './offsets-log.ts';
import { recover } from './recover.ts';

/** How long a run waits for the stages of the one before, which may still be finishing. */
const patience = 2000;

export type BegunJob = {
  readonly folder: StateFolder;
  /** Stages begin with what they held behind this batch; -1: with nothing. */
  readonly after: number;
  /** Where sources go on. */
  readonly positions: Positions;
  /** Behind there, what is to be made again. */
  readonly again: readonly LoggedBatch[];
  /** The first block. */
  readonly opening: (positions: Positions, group?: Job['group']) => Envelope;
};

/**
 * `shape` is what ingest's own state depends on. Throws SluiceError('tryLater') where another run has the folder, and
 * SluiceError('stateMisfit') where the state is another job's.
 */
export async function beginJob(
  path: string,
  shape: string,
  warn: (message: string) => void,
): Promise<BegunJob> {
  const folder = openStateFolder(path);
  const identity = { key: ingestKey, shape };
  if (!(await takeLock(folder.path, identity.key))) throw alreadyRunning(folder, 'another run');
  const run = randomUUID();
  // Told before the others are looked for: a stage of an earlier run that begins only now finds that it is not wanted.
  writeChecked(folder.run, `${JSON.stringify({ run, pid: process.pid })}\n`);
  const known = readJob(folder);
  const others = (known?.stages ?? []).map(({ key }) => key).filter((key) => key !== identity.key);
  const still = await waitForLocks(folder.path, others, patience);
  if (still !== undefined) throw alreadyRunning(folder, `stage ${still} of the run before`);
  checkIdentity(folder, known, identity);
  const { after, start, batches, commit } = recover(folder, warn);
  const ended = commit?.isEnded ? (commit.batch ?? -1) : -1;
  const next = 1 + Math.max(after, batches.at(-1)?.batch ?? -1, ended);
  return {
    folder,
    after,
    positions: start.positions,
    again: batches,
    opening(current, group) {
      const job: Job = {
        state: folder.path,
        run,
        ...(after >= 0 && { after }),
        next,
        positions: current,
        stages: [identity],
        ...(group && { group }),
      };
      return { header: { v: formatVersion, n: 0, job }, payload: noRecords };
    },
  };
}

/** Throws SluiceError('tryLater') where the stream is of a run that does not have the folder any more. */
export function checkRun(folder: StateFolder, run: string): void {
  let current: string | undefined;
  try {
    // Without its check: it is written anew by each run.
    current = (JSON.parse(readFileSync(folder.run, 'utf8').split('\n')[1] ?? '') as { run?: string }).run;
  } catch {
    current = undefined;
  }
  if (current === run) return;
  throw new SluiceError(
    'tryLater',
    `this stream is of a run that does not have the state in ${folder.path} any more`,
    "a stream that was saved can be replayed without state: jq -c 'del(.job, .checkpoint)'",
  );
}

export function alreadyRunning({ path }: StateFolder, who: string): SluiceError {
  return new SluiceError(
    'tryLater',
    `${who} is using the state in ${path}`,
    'wait for it to end; two jobs need a folder each',
  );
}
