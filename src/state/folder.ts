// What is where in a state folder. Plain files: `cat` shows them, sluice-state-folder(5) describes them.
//
//   job.json            the stages whose state this is
//   run                 which run has the folder now
//   member              as whom it takes part in a Kafka group
//   offsets/000124      a line for each batch from 124 on: what it consists of; the first line: where sources stood before
//   state/2-reduce/000123   what a stage held after batch 123
//   commits/000130      the sinks have all up to batch 130 for good
//   wal/stdin/000000000000   raw input of a source that cannot be read twice, in segments named by offsets
import { existsSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, SluiceError, systemCode } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';

export type StateFolder = {
  readonly path: string;
  readonly job: string;
  readonly run: string;
  readonly member: string;
  readonly offsets: string;
  readonly commits: string;
  readonly wal: string;
  /** What the stage of this key holds. */
  readonly stage: (key: string) => string;
};

/** `path` is absolute. */
export function stateFolder(path: string): StateFolder {
  return {
    path,
    job: join(path, 'job.json'),
    run: join(path, 'run'),
    member: join(path, 'member'),
    offsets: join(path, 'offsets'),
    commits: join(path, 'commits'),
    wal: join(path, 'wal'),
    stage: (key) => join(path, 'state', key),
  };
}

/** Made where it is not there yet. Throws SluiceError('cannotCreate'). */
export function openStateFolder(path: string): StateFolder {
  try {
    makeFolder(path);
    const folder = stateFolder(realpathSync(path));
    makeFolder(folder.offsets);
    makeFolder(folder.commits);
    return folder;
  } catch (error) {
    throw new SluiceError(
      'cannotCreate',
      `cannot keep state in ${path || "''"}: ${messageOf(error)}`,
      'name a folder that can be written: --state DIR, or SLUICE_STATE',
      error,
    );
  }
}

/** Whether a run has ever begun here, also where its files are damaged. */
export function isStateFolder({ job, run, offsets, commits }: StateFolder): boolean {
  const isFolder = (path: string): boolean =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder(offsets) && isFolder(commits) && (existsSync(run) || existsSync(job));
}

/** All that jobs write into their folder. What tells whose state it is comes last. */
export function ownedBy({ path, job, run, member, offsets, commits, wal }: StateFolder): string[] {
  return [
    join(path, 'state'),
    wal,
    commits,
    offsets,
    ...[member, run, job].flatMap((file) => [`${file}.part`, file]),
  ];
}

/** The file of a batch number. */
export function numbered(folder: string, number: number): string {
  return join(folder, String(number).padStart(6, '0'));
}

/** The batch numbers that a folder has files for, oldest first; none where there is no folder. */
export function numbersIn(folder: string): number[] {
  return namesIn(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((one, other) => one - other);
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return [];
    throw new SluiceError('inputOutput', `cannot read ${folder}: ${messageOf(error)}`, undefined, error);
  }
}

/** Removes the files of all batches before `number`. */
export function clearBefore(folder: string, number: number): void {
  for (const name of namesIn(folder)) {
    // Also what a kill left half-written.
    const [, old] = /^(\d+)(?:\.part)?$/.exec(name) ?? [];
    if (old !== undefined && Number(old) < number) rmSync(join(folder, name), { force: true });
  }
}
