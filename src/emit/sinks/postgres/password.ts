// The password for a server that asks for one: from --password-file, PGPASSWORD, or the file that psql reads.
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cannotRead, SluiceError } from '../../../errors.ts';
import type { PostgresAddress } from './address.ts';

/** Throws SluiceError. */
export function passwordFor(address: PostgresAddress, file: string | undefined): string {
  if (file !== undefined) {
    const [password] = read(file).split(/\r?\n/);
    if (password) return password;
    throw missing(address, `${file} has no first line`);
  }
  const password = process.env['PGPASSWORD'] || fromPasswordFile(address);
  if (password) return password;
  throw missing(address, 'there is none');
}

function missing({ text, user }: PostgresAddress, why: string): SluiceError {
  return new SluiceError(
    'noPermission',
    `${text} asks for the password of ${user}, and ${why}`,
    'put it in a file, --password-file FILE or ~/.pgpass, or in the environment: PGPASSWORD',
  );
}

/** The first line that fits, as libpq reads it: `host:port:database:user:password`, with `*` for any. */
function fromPasswordFile({ host, port, database, user }: PostgresAddress): string | undefined {
  const given = process.env['PGPASSFILE'];
  const path = given ?? join(homedir(), '.pgpass');
  if (given === undefined && !statSync(path, { throwIfNoEntry: false })) return undefined;
  const lines = read(path).split(/\r?\n/);
  // Others could have read it already, so that it is not used.
  if ((statSync(path).mode & 0o077) !== 0 && process.platform !== 'win32')
    throw new SluiceError(
      'noPermission',
      `others can read ${path}, so no password is taken from it`,
      `chmod 600 ${path}`,
    );
  const wanted = [host.startsWith('/') ? 'localhost' : host, String(port), database, user];
  for (const line of lines) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line);
    const [pattern, password] = [fields.slice(0, 4), fields[4]];
    if (password !== undefined && pattern.every((field, index) => field === '*' || field === wanted[index]))
      return password;
  }
  return undefined;
}

/** A backslash makes a colon, or a backslash, part of a field. */
function splitFields(line: string): string[] {
  const fields = [''];
  for (const [piece] of line.matchAll(/\\.|[^\\]/gu)) {
    if (piece === ':' && fields.length < 5) fields.push('');
    else fields[fields.length - 1] += piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece;
  }
  return fields;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannotRead(path, error);
  }
}
