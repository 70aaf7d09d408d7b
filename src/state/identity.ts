// Whose state a folder holds: the stages in order, each with the settings that what it holds depends on. A job that has
// changed so that its state does not fit is refused, and told what differs.
import type { StageIdentity } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { DamagedFile, readChecked, writeChecked } from './checked.ts';
import type { StateFolder } from './folder.ts';

/** The stages whose state is in the folder; undefined in a new one. */
export function readJob({ job, path }: StateFolder): readonly StageIdentity[] | undefined {
  try {
    const body = readChecked(job);
    return body === undefined ? undefined : (JSON.parse(body) as { stages: StageIdentity[] }).stages;
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    throw new SluiceError(
      'inputOutput',
      `${error.message}: whose state this is cannot be told`,
      `put it back from a backup, or begin anew with \`sluice state reset ${path}\``,
    );
  }
}

export function writeJob({ job }: StateFolder, stages: readonly StageIdentity[]): void {
  writeChecked(job, `${JSON.stringify({ stages }, null, 2)}\n`);
}

/** Throws SluiceError('stateMisfit'). */
export function checkIdentity(
  folder: StateFolder,
  known: readonly StageIdentity[] | undefined,
  stage: StageIdentity,
): void {
  if (!known) return;
  const before = known.find(({ key }) => key === stage.key);
  if (!before) throw misfit(folder, `there was no stage ${stage.key}; it was ${listOf(known)}`);
  if (before.shape === stage.shape) return;
  throw misfit(folder, `${stage.key} was \`${before.shape}\` and is now \`${stage.shape}\``);
}

/** All stages are told: are any missing? Throws SluiceError('stateMisfit'). */
export function checkStages(
  folder: StateFolder,
  known: readonly StageIdentity[],
  stages: readonly StageIdentity[],
): void {
  const missing = known.find(({ key }) => !stages.some((stage) => stage.key === key));
  if (missing) throw misfit(folder, `stage ${missing.key} is missing; it was ${listOf(known)}`);
}

function listOf(stages: readonly StageIdentity[]): string {
  return stages.map(({ key }) => key).join(', ');
}

function misfit({ path }: StateFolder, difference: string): SluiceError {
  return new SluiceError(
    'stateMisfit',
    `the state in ${path} is not of this job: ${difference}`,
    `use another folder, or begin anew with \`sluice state reset ${path}\``,
  );
}
