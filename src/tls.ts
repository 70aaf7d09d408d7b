// TLS from options and files: of clients and servers alike.
import { readFileSync } from 'node:fs';
import type { OptionTable, Settings } from './command/command.ts';
import { cannotRead, SluiceError } from './errors.ts';

export const tlsOptions = {
  tls: { kind: 'flag', describe: 'Kafka, tcp, http-listen, Flume: speak TLS' },
  'tls-ca': {
    kind: 'path',
    describe:
      'trust the certificates of these authorities (PEM) and no others; implies --tls. Of a source that listens: clients have to show one of theirs',
  },
  'tls-cert': { kind: 'path', describe: 'the certificate to show to the other side (PEM); implies --tls' },
  'tls-key': { kind: 'path', describe: 'the private key of --tls-cert (PEM)' },
} as const satisfies OptionTable;

type TlsSettings = Settings<typeof tlsOptions>;

export type Tls = { readonly ca?: Buffer[]; readonly cert?: Buffer; readonly key?: Buffer };

/**
 * Undefined where TLS is not asked for. Throws SluiceError('usage') where something is missing, SluiceError('noInput') where a
 * file cannot be read.
 */
export function tlsFrom({ tls, tlsCa, tlsCert, tlsKey }: TlsSettings): Tls | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new SluiceError('usage', '--tls-cert and --tls-key belong together');
  if (!tls && tlsCa === undefined && tlsCert === undefined) return undefined;
  return {
    ...(tlsCa !== undefined && { ca: [readPem(tlsCa, 'CERTIFICATE')] }),
    ...(tlsCert !== undefined && { cert: readPem(tlsCert, 'CERTIFICATE') }),
    ...(tlsKey !== undefined && { key: readPem(tlsKey, 'PRIVATE KEY') }),
  };
}

/** Node says nothing of authorities that are none, and trusts nobody. */
function readPem(path: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Buffer {
  const bytes = readSecret(path);
  if (new RegExp(`-----BEGIN ([A-Z0-9]+ )*${kind}-----`).test(bytes.toString('latin1'))) return bytes;
  throw new SluiceError(
    'noInput',
    `${path}: there is no ${kind.toLowerCase()} in it`,
    `PEM is wanted, which begins with -----BEGIN ${kind}-----`,
  );
}

export function readSecret(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
}
