// What PostgreSQL says is wrong, as errors a user can do something about (Appendix A of its manual: five letters, of which
// two are the class).
import { messageOf, SluiceError, systemCode } from '../../../errors.ts';
import { quoted } from '../database/database.ts';
import type { PostgresAddress } from './address.ts';

type ServerError = Error & {
  readonly code: string;
  readonly detail?: string;
  readonly where?: string;
  readonly hint?: string;
};

/** Said by the server, in a code of its own. */
function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(systemCode(error) ?? '') && 'severity' in error;
}

const passingCodes = new Set([
  // Two transactions were in each other's way: one of them does it again.
  '40001',
  '40P01',
  // Another one makes the same table just now.
  '42P07',
  // The server stops, starts, or has no room for another connection.
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '53300',
  '25P03',
]);

const passingSystem = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOENT',
  'EAI_AGAIN',
]);

/** How long to wait before a transaction that was undone is done again, in milliseconds: not all alike, or two that were in each other's way would be so again. */
export function pauseAfterConflict(error: unknown): number | undefined {
  const isConflict = isServerError(error) && (error.code === '40001' || error.code === '40P01');
  return isConflict ? 20 + Math.random() * 200 : undefined;
}

/** Whether trying again may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof SluiceError) return false;
  if (isServerError(error)) return passingCodes.has(error.code) || error.code.startsWith('08');
  const code = systemCode(error);
  if (code !== undefined) return passingSystem.has(code);
  return (
    error instanceof Lost ||
    /^Connection terminated|^timeout expired|^read ECONN|^Client /.test(messageOf(error))
  );
}

/** What became of a transaction is not known yet, or the connection is gone. */
export class Lost extends Error {}

type Problem = readonly [SluiceError['exit'], string, string?];

export function postgresProblem(address: PostgresAddress, error: unknown): unknown {
  if (error instanceof SluiceError || !(error instanceof Error)) return error;
  const { text, user, database } = address;
  if (!isServerError(error)) {
    if (!isPassing(error) && systemCode(error) === undefined && !/SSL|certificate/i.test(error.message))
      return error;
    const hint = /does not support SSL/.test(error.message)
      ? 'leave sslmode out'
      : 'is it running, and is the address right?';
    return new SluiceError(
      'unavailable',
      `cannot reach ${text}: ${messageOf(error) || systemCode(error)}`,
      hint,
      error,
    );
  }
  const [exit, problem, hint] = problemOf(error, user, database);
  return new SluiceError(
    exit,
    problem.replace('PATH', () => text),
    hint ?? error.hint,
    error,
  );
}

function problemOf(error: ServerError, user: string, database: string): Problem {
  const { code, message, detail, where } = error;
  const more = [detail, where]
    .filter(Boolean)
    .join('; ')
    .replaceAll(/\s*\n\s*/g, ' ');
  const said = more === '' ? message : `${message} (${more.slice(0, 300)})`;
  const group = code.slice(0, 2);
  if (code === '28P01')
    return ['noPermission', `PATH does not let ${user} in: ${message}`, 'look at the password'];
  if (group === '28')
    return [
      'noPermission',
      `PATH does not let ${user} in: ${message}`,
      'where it wants TLS, add ?sslmode=require; else see its pg_hba.conf',
    ];
  if (code === '3D000') return ['unavailable', `PATH: ${message}`, `make it: createdb ${database}`];
  if (code === '3F000' || code === '42P01') return ['badData', `PATH: ${said}`];
  if (code === '42501')
    return ['noPermission', `PATH: ${said}`, `${user} needs the right: GRANT … TO ${user}`];
  if (code === '25006') return ['inputOutput', `PATH is read-only: ${message}`, 'name the primary server'];
  if (code === '55P03')
    return [
      'tryLater',
      `PATH: another transaction holds the table, or rows of it, for longer than --patience`,
      'run the line again later',
    ];
  if (code === '53100')
    return [
      'inputOutput',
      `cannot write to PATH: no space left on its disk`,
      'free some space and run the line again',
    ];
  const [, column] = /^COPY .*, line \d+, column (.*): "-?[\d.]+(?:[eE][-+]?\d+)?"$/.exec(where ?? '') ?? [];
  if ((code === '22P02' || code === '22003') && column !== undefined)
    return [
      'badData',
      `PATH does not take the rows: ${said}`,
      `numeric holds any number: ALTER TABLE … ALTER COLUMN ${quoted(column)} TYPE numeric`,
    ];
  if (group === '22' || group === '23' || group === '42')
    return ['badData', `PATH does not take the rows: ${said}`];
  return [isPassing(error) ? 'unavailable' : 'inputOutput', `PATH: ${said}`];
}
