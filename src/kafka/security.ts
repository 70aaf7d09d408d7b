// TLS and SASL as kafkajs wants them, from options, files and the environment.
import { SluiceError } from '../errors.ts';
import { readSecret, tlsFrom, type Tls } from '../tls.ts';
import type { KafkaAddress } from './address.ts';
import type { KafkaSettings } from './options.ts';

const passwordVariable = 'SLUICE_KAFKA_PASSWORD';

export type Security = {
  readonly ssl?: Tls;
  readonly sasl?: { readonly mechanism: string; readonly username: string; readonly password: string };
};

/** Throws SluiceError('usage') where something is missing, SluiceError('noInput') where a file cannot be read. */
export function securityFrom(settings: KafkaSettings, { user, text }: KafkaAddress): Security {
  const { sasl, passwordFile } = settings;
  const ssl = tlsFrom(settings);
  if (sasl === undefined) {
    if (user === undefined && passwordFile === undefined) return ssl ? { ssl } : {};
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
    ...(ssl && { ssl }),
    sasl: { mechanism: sasl, username: user, password: passwordFrom(passwordFile) },
  };
}

function passwordFrom(file: string | undefined): string {
  const password =
    file === undefined
      ? process.env[passwordVariable]
      : readSecret(file).toString('utf8').split('\n')[0]?.replace(/\r$/, '');
  if (password) return password;
  throw new SluiceError(
    'usage',
    'a password is needed',
    `put it in a file, --password-file FILE, or in the environment: ${passwordVariable}`,
  );
}
