// The end of a job that keeps state: what its sinks have for good is written down, and what no run needs any more is cleared
// away.
import { join } from 'node:path';
import type { Job, StageIdentity } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { Commits, newestCommit, type Commit } from './commits.ts';
import { clearBefore, namesIn, stateFolder, type StateFolder } from './folder.ts';
import { checkStages, readJob, writeJob } from './identity.ts';
import { readOffsets, syncOffsets } from './offsets-log.ts';
import { clearLogs, syncLogs } from './wal.ts';

export type Progress = {
  /** All up to this batch has been written to the sinks. */
  readonly batch: number;
  /** The newest checkpoint that all stages have reached. */
  readonly checkpoint: number | undefined;
  readonly isEnded: boolean;
};

export class JobCommits {
  readonly #folder: StateFolder;
  readonly #commits: Commits;
  readonly #synced = new Set<number>();
  readonly #syncedLogs = new Set<string>();
  /** Newest first. */
  #checkpoints: readonly number[];
  /** Tells this job from all others, also from one that had this folder before. */
  readonly id: string;
  /** What was there when the run began. */
  readonly last: Commit | undefined;

  /** `stages` are those of all branches. Throws SluiceError('stateMisfit') where some are missing. */
  constructor({ state }: Job, stages: readonly StageIdentity[]) {
    this.#folder = stateFolder(state);
    const known = readJob(this.#folder);
    if (known) checkStages(this.#folder, known, stages);
    this.id = (known ?? writeJob(this.#folder, stages)).id;
    // A damaged one was told of when the run began.
    this.last = newestCommit(this.#folder.commits, () => undefined);
    this.#commits = new Commits(this.#folder.commits);
    this.#checkpoints = this.last?.checkpoints ?? [];
  }

  /** Of what the sinks are about to have, it can be told for good what it consists of. Throws SluiceError('inputOutput'). */
  prepare(): void {
    // What is read in again comes first: the other tells where in it.
    syncLogs(this.#folder.wal, this.#syncedLogs);
    syncOffsets(this.#folder.offsets, this.#synced);
  }

  /** `sinks` is what each of them needs to go on. Throws SluiceError('inputOutput'). */
  write({ batch, checkpoint, isEnded }: Progress, sinks: readonly Json[]): void {
    const [newest] = this.#checkpoints;
    const isNew = checkpoint !== undefined && checkpoint !== newest;
    if (isNew) this.#checkpoints = newest === undefined ? [checkpoint] : [checkpoint, newest];
    this.#commits.write({ batch, checkpoints: this.#checkpoints, ...(isEnded && { isEnded }), sinks });
    if (isNew && newest !== undefined) this.#clear(newest);
  }

  /** What is older than the checkpoint before the newest one. */
  #clear(checkpoint: number): void {
    const { offsets, path, stage, wal } = this.#folder;
    clearBefore(offsets, checkpoint + 1);
    clearLogs(wal, readOffsets(offsets, checkpoint)?.start.positions ?? {});
    for (const key of namesIn(join(path, 'state'))) clearBefore(stage(key), checkpoint);
    for (const number of this.#synced) if (number <= checkpoint) this.#synced.delete(number);
  }
}
