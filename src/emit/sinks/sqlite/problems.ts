// What SQLite says is wrong, as errors a user can do something about (sqlite.org/rescode.html: the low byte tells the kind).
import { formatDuration } from '../../../command/values.ts';
import { messageOf, SluiceError } from '../../../errors.ts';

const busy = 5;

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Another process has the database, which passes. */
export function isLocked(error: unknown): boolean {
  return codeOf(error) === busy;
}

/** `patience` is how long a lock was waited for, in milliseconds. */
export function sqliteProblem(path: string, patience: number, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const why = messageOf(error);
  const [exit, problem, hint] = problems[code] ?? ['inputOutput', 'cannot write to PATH: WHY'];
  return new SluiceError(
    exit,
    problem
      .replace('PATH', () => path)
      .replace('WHY', () => why)
      .replace('PATIENCE', () => formatDuration(Math.round(patience))),
    hint,
    error,
  );
}

const problems: Record<number, readonly [SluiceError['exit'], string, string?]> = {
  1: ['badData', 'PATH does not take the rows: WHY'],
  5: [
    'tryLater',
    'PATH is locked by another process, for more than PATIENCE',
    'run the line again later, or wait longer: --patience 1m',
  ],
  6: ['tryLater', 'PATH is locked', 'run the line again later'],
  8: ['inputOutput', 'PATH is read-only', 'name a database that can be written, in a folder that can be'],
  11: [
    'inputOutput',
    'PATH is damaged: WHY',
    'put it back from a backup, or see what can be saved: sqlite3 FILE .recover',
  ],
  13: [
    'inputOutput',
    'cannot write to PATH: no space left on the disk',
    'free some space and run the line again',
  ],
  14: [
    'cannotCreate',
    'cannot open the database PATH: WHY',
    'its folder has to be there, and be one that can be written',
  ],
  18: ['badData', 'PATH does not take the rows: WHY'],
  19: ['badData', 'PATH does not take the rows: WHY', 'the table has a constraint of its own'],
  26: ['cannotCreate', 'PATH is there and is no SQLite database', 'name another file'],
};
