// The state is removed, under the lock that a run of the job would need. Only what a job writes goes.
import { rmSync } from 'node:fs';
import { messageOf, SluiceError } from '../errors.ts';
import { alreadyRunning } from './begin-job.ts';
import { ownedBy, type StateFolder } from './folder.ts';
import { sync } from './checked.ts';
import { holderOf, ingestKey, takeLock } from './lock.ts';

/** Throws SluiceError('tryLater') where a run has the folder, and SluiceError('inputOutput'). */
export async function resetState(folder: StateFolder): Promise<void> {
  const isFree = await takeLock(folder.path, ingestKey);
  const holder = isFree ? await holderOf(folder, [ingestKey]) : 'a run';
  if (holder !== undefined) throw alreadyRunning(folder, holder);
  try {
    // What tells whose state it is goes last: what is cut short can be done again.
    for (const path of ownedBy(folder)) rmSync(path, { recursive: true, force: true });
    sync(folder.path);
  } catch (error) {
    throw new SluiceError(
      'inputOutput',
      `cannot remove the state in ${folder.path}: ${messageOf(error)}`,
      undefined,
      error,
    );
  }
}
