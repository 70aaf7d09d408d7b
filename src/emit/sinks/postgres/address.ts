// postgres://USER@HOST:PORT/DATABASE, as libpq reads it, and what its environment variables say where the address says nothing.
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { cannotRead, SluiceError } from '../../../errors.ts';

export type PostgresAddress = {
  /** As the user typed it, for messages. */
  readonly text: string;
  /** A folder for a socket in it. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** As Node's TLS wants it; false for none. */
  readonly ssl: false | { readonly rejectUnauthorized: boolean; readonly ca?: string };
};

const usualPort = 5432;
const parameters = ['host', 'sslmode', 'sslrootcert'];
const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'];

/** Throws SluiceError('usage'), SluiceError('noInput') for a certificate that cannot be read. */
export function parsePostgresAddress(text: string): PostgresAddress {
  const url = parseUrl(text);
  if (url.password !== '') throw withPassword();
  const strange = [...url.searchParams.keys()].find((name) => !parameters.includes(name));
  if (strange === 'password') throw withPassword();
  if (strange !== undefined) throw wrong(text, `'${strange}' is not among ${parameters.join(', ')}`);
  const { env } = process;
  const user = decoded(url.username) || env['PGUSER'] || userInfo().username;
  const host = url.searchParams.get('host') ?? (decoded(url.hostname) || env['PGHOST'] || 'localhost');
  return {
    text,
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || env['PGPORT'] || usualPort),
    user,
    database: decoded(url.pathname.slice(1)) || env['PGDATABASE'] || user,
    ssl: sslOf(text, url.searchParams),
  };
}

function parseUrl(text: string): URL {
  try {
    // libpq takes an address without a host, which is no URL.
    return new URL(text.replace(/^([a-z]+:\/\/[^/]*@)(?=[/?]|$)/, '$1localhost'));
  } catch {
    // What is wrong may be a password with a slash in it, which must not be said.
    if (/:\/\/[^/@]*:[^@]*@/.test(text)) throw withPassword();
    throw wrong(text, 'it is no address');
  }
}

function sslOf(text: string, given: URLSearchParams): PostgresAddress['ssl'] {
  const mode = given.get('sslmode') ?? process.env['PGSSLMODE'] ?? 'disable';
  const authority = given.get('sslrootcert') ?? process.env['PGSSLROOTCERT'];
  // libpq would try both ways: those of its modes count as none, and a server that wants TLS says so.
  const plain = ['allow', 'prefer', 'disable'];
  if (plain.includes(mode)) return false;
  if (!sslModes.includes(mode)) throw wrong(text, `sslmode is one of ${sslModes.join(', ')}`);
  const ca = authority === undefined ? {} : { ca: readCertificate(authority) };
  return { rejectUnauthorized: mode !== 'require' || authority !== undefined, ...ca };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrong(text: string, why: string): SluiceError {
  return new SluiceError('usage', `${text}: ${why}`, 'write postgres://USER@HOST:5432/DATABASE');
}

function withPassword(): SluiceError {
  return new SluiceError(
    'usage',
    'a password does not belong in an address, where everybody on this machine can read it',
    'put it in a file, --password-file FILE or ~/.pgpass, or in the environment: PGPASSWORD',
  );
}
