// TLS and SASL as kafkajs wants them, from options, files and the environment.
import { readFileSync } from 'node:fs';
import { cannotRead, SluiceError } from '../errors.ts';
import type { KafkaAddress } from './address.ts';
import type { KafkaSettings } from './options.ts';

const passwordVariable = 'SLUICE_KAFKA_PASSWORD';

export type Security = {
  readonly ssl?: { readonly ca?: Buffer[]; readonly cert?: Buffer; readonly key?: Buffer };
  readonly sasl?: { readonly mechanism: string; readonly username: string; readonly password: string };
};

/** Throws SluiceError('usage') where something is missing, SluiceError('noInput') where a file cannot be read. */
export function securityFrom(settings: KafkaSettings, { user, text }: KafkaAddress): Security {
  const { tls, tlsCa, tlsCert, tlsKey, sasl, passwordFile } = settings;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new SluiceError('usage', '--tls-cert and --tls-key belong together');
  const isTls = tls || tlsCa !== undefined || tlsCert !== undefined;
  const ssl = {
    ...(tlsCa !== undefined && { ca: [readPem(tlsCa, 'CERTIFICATE')] }),
    ...(tlsCert !== undefined && { cert: readPem(tlsCert, 'CERTIFICATE') }),
    ...(tlsKey !== undefined && { key: readPem(tlsKey, 'PRIVATE KEY') }),
  };
  if (sasl === undefined) {
    if (user === undefined && passwordFile === undefined) return isTls ? { ssl } : {};
    throw new SluiceError(
      'usage',
      `${text} is to be logged in to, and how is not said`,
      'add --sasl scram-sha-512, scram-sha-256 or plain',
    );
  }
  if (user === undefined)
    throw new SluiceError(
      'usage',
      '--sasl needs a user',
      `put it in the address: ${text.replace('://', '://USER@')}`,
    );
  return {
    ...(isTls && { ssl }),
    sasl: { mechanism: sasl, username: user, password: passwordFrom(passwordFile) },
  };
}

function passwordFrom(file: string | undefined): string {
  const password =
    file === undefined
      ? process.env[passwordVariable]
      : read(file).toString('utf8').split('\n')[0]?.replace(/\r$/, '');
  if (password) return password;
  throw new SluiceError(
    'usage',
    'a password is needed',
    `put it in a file, --password-file FILE, or in the environment: ${passwordVariable}`,
  );
}

/** Node says nothing of authorities that are none, and trusts nobody. */
function readPem(path: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Buffer {
  const bytes = read(path);
  if (new RegExp(`-----BEGIN ([A-Z0-9]+ )*${kind}-----`).test(bytes.toString('latin1'))) return bytes;
  throw new SluiceError(
    'noInput',
    `${path}: there is no ${kind.toLowerCase()} in it`,
    `PEM is wanted, which begins with -----BEGIN ${kind}-----`,
  );
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
}
