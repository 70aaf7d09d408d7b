// Whose state a folder holds: the stages in order, each with the settings that what it holds depends on. A job that has
// changed so that its state does not fit is refused, and told what differs.
import { randomUUID } from 'node:crypto';
import type { StageIdentity } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { DamagedFile, readChecked, writeChecked } from './checked.ts';
import { numbersIn, type StateFolder } from './folder.ts';

export type KnownJob = {
  /** Chosen at random when the state began: state that is begun anew in the same folder is another job's. */
  readonly id: string;
  readonly stages: readonly StageIdentity[];
};

/** Whose state is in the folder; undefined in a new one. Throws SluiceError('inputOutput') where that cannot be read. */
export function readJob(folder: StateFolder): KnownJob | undefined {
  const { job, commits } = folder;
  try {
    const body = readChecked(job);
    if (body !== undefined) return JSON.parse(body) as KnownJob;
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    throw unknownJob(folder, error.message);
  }
  // It is written before the first commit.
  if (numbersIn(commits).length > 0) throw unknownJob(folder, `${job} is not there`);
  return undefined;
}

function unknownJob({ path }: StateFolder, problem: string): SluiceError {
  return new SluiceError(
    'inputOutput',
    `${problem}: whose state this is cannot be told`,
    `put it back from a backup, or begin anew with \`sluice state reset ${path}\``,
  );
}

/** Throws SluiceError('inputOutput'). */
export function writeJob({ job }: StateFolder, stages: readonly StageIdentity[]): KnownJob {
  const known = { id: randomUUID(), stages };
  writeChecked(job, `${JSON.stringify(known, null, 2)}\n`);
  return known;
}

/** Throws SluiceError('stateMisfit'). */
export function checkIdentity(folder: StateFolder, known: KnownJob | undefined, stage: StageIdentity): void {
  if (!known) return;
  const before = known.stages.find(({ key }) => key === stage.key);
  if (!before) throw misfit(folder, `there was no stage ${stage.key}; it was ${listOf(known)}`);
  if (before.shape === stage.shape) return;
  throw misfit(folder, `${stage.key} was \`${before.shape}\` and is now \`${stage.shape}\``);
}

/** All stages are told: are any missing? Throws SluiceError('stateMisfit'). */
export function checkStages(folder: StateFolder, known: KnownJob, stages: readonly StageIdentity[]): void {
  const missing = known.stages.find(({ key }) => !stages.some((stage) => stage.key === key));
  if (missing) throw misfit(folder, `stage ${missing.key} is missing; it was ${listOf(known)}`);
}

function listOf({ stages }: KnownJob): string {
  return stages.map(({ key }) => key).join(', ');
}

function misfit({ path }: StateFolder, difference: string): SluiceError {
  return new SluiceError(
    'stateMisfit',
    `the state in ${path} is not of this job: ${difference}`,
    `use another folder, or begin anew with \`sluice state reset ${path}\``,
  );
}
