// One stage's part of a job that keeps state: taken when the stream says which job it is of.
import type { Job, StageIdentity } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { alreadyRunning, checkRun } from './begin-job.ts';
import { stateFolder } from './folder.ts';
import { checkIdentity, readJob } from './identity.ts';
import { takeLock } from './lock.ts';
import { readSnapshot, writeSnapshot } from './snapshots.ts';

export type StageState = {
  readonly identity: StageIdentity;
  /** What the stage held where the run begins. */
  readonly begin: Json | undefined;
  /** On the disk when it returns. Throws SluiceError('inputOutput'). */
  readonly save: (checkpoint: number, snapshot: Json) => void;
};

/** Throws SluiceError('tryLater'), or SluiceError('stateMisfit'). */
export async function takeStageState(job: Job, identity: StageIdentity): Promise<StageState> {
  const folder = stateFolder(job.state);
  if (!(await takeLock(folder.path, identity.key)))
    throw alreadyRunning(folder, `another stage ${identity.key}`);
  checkRun(folder, job.run);
  checkIdentity(folder, readJob(folder), identity);
  const snapshots = folder.stage(identity.key);
  return {
    identity,
    begin: job.after === undefined ? undefined : readSnapshot(snapshots, job.after),
    save: (checkpoint, snapshot) => writeSnapshot(snapshots, checkpoint, snapshot),
  };
}
