// Where a run begins: behind the newest checkpoint that all stages reached and whose files are whole. The batches between it
// and the last commit are made once more, for what stages hold; the sinks pass them over.
import { join } from 'node:path';
import { SluiceError } from '../errors.ts';
import { newestCommit, type Commit } from './commits.ts';
import { namesIn, numbersIn, type StateFolder } from './folder.ts';
import { isUnbegun, readOffsets, type OffsetsSince } from './offsets-log.ts';
import { isSnapshotWhole } from './snapshots.ts';

export type Recovery = OffsetsSince & {
  readonly commit: Commit | undefined;
  /** -1: stages begin with nothing. */
  readonly after: number;
};

/** Where commits are there that cannot be read, or batches, there is something to lose. */
function isNew({ commits, offsets }: StateFolder): boolean {
  return numbersIn(commits).length === 0 && isUnbegun(offsets);
}

/** Throws SluiceError('inputOutput') where the state is damaged beyond what can be made good. */
export function recover(folder: StateFolder, warn: (message: string) => void): Recovery {
  const commit = newestCommit(folder.commits, warn);
  const stages = namesIn(join(folder.path, 'state')).map(folder.stage);
  for (const after of [...(commit?.checkpoints ?? []), -1]) {
    const since = readOffsets(folder.offsets, after);
    if (!since) {
      // A new folder, or one whose first run died before its first batch.
      if (after === -1 && isNew(folder)) return { commit, after, start: { positions: {} }, batches: [] };
      continue;
    }
    if (after >= 0 && !stages.every((stage) => isSnapshotWhole(stage, after, warn))) continue;
    if (since.damaged !== undefined && (since.batches.at(-1)?.batch ?? after) < (commit?.batch ?? -1)) {
      warn(`${since.damaged} is damaged`);
      continue;
    }
    return { commit, after, ...since };
  }
  throw new SluiceError(
    'inputOutput',
    `the state in ${folder.path} is damaged: no checkpoint is left that a run could begin behind`,
    'put the folder back from a backup, or begin anew with `sluice state reset`; `sluice state check` tells what is damaged',
  );
}
