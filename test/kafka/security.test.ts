import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SluiceError } from '../../src/errors.ts';
import { parseKafkaAddress } from '../../src/kafka/address.ts';
import type { KafkaSettings } from '../../src/kafka/options.ts';
import { securityFrom, type Security } from '../../src/kafka/security.ts';
import { failureOf } from '../helpers/envelopes.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

const none: KafkaSettings = {
  tls: false,
  tlsCa: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
  sasl: undefined,
  passwordFile: undefined,
};

const secret = 'open sesame';
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const privateKey = '-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n';

beforeEach(() => vi.stubEnv('SLUICE_KAFKA_PASSWORD', undefined));
afterEach(() => vi.unstubAllEnvs());

function secure(settings: Partial<KafkaSettings>, address = 'kafka://alice@host/orders'): Security {
  return securityFrom({ ...none, ...settings }, parseKafkaAddress(address));
}

/** A file with this in it. */
function file(content: string, name = 'file'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

describe('TLS', () => {
  const address = 'kafka://host/orders';

  test('is not spoken unless it is asked for', () => {
    expect(secure({}, address)).toEqual({});
    expect(secure({ tls: true }, address)).toEqual({ ssl: {} });
  });

  test('is spoken where there are files for it', () => {
    const [ca, cert, key] = [file(certificate), file(certificate), file(privateKey)];
    expect(secure({ tlsCa: ca }, address)).toEqual({ ssl: { ca: [Buffer.from(certificate)] } });
    expect(secure({ tlsCert: cert, tlsKey: key }, address)).toEqual({
      ssl: { cert: Buffer.from(certificate), key: Buffer.from(privateKey) },
    });
  });

  test('wants certificate and key together', () => {
    const expected = 'usage: --tls-cert and --tls-key belong together';
    expect(failureOf(() => secure({ tlsCert: 'c' }, address))).toBe(expected);
    expect(failureOf(() => secure({ tlsKey: 'k' }, address))).toBe(expected);
  });

  test('wants files that can be read', () => {
    for (const settings of [{ tlsCa: '/no/such' }, { tlsCert: '/no/such', tlsKey: '/no/such' }])
      expect(failureOf(() => secure(settings, address))).toBe('noInput: /no/such: no such file');
  });

  test('wants PEM in them, and does not show what is there', () => {
    const wrong = file(secret);
    expect(failureOf(() => secure({ tlsCa: wrong }, address))).toBe(
      `noInput: ${wrong}: there is no certificate in it`,
    );
    expect(failureOf(() => secure({ tlsCert: file(certificate), tlsKey: wrong }, address))).toBe(
      `noInput: ${wrong}: there is no private key in it`,
    );
    // The one in place of the other.
    expect(failureOf(() => secure({ tlsCa: file(privateKey) }, address))).toMatch(/no certificate in it$/);
  });
});

describe('logging in', () => {
  const sasl = 'scram-sha-256';

  test('with the user of the address and the password of a file', () => {
    expect(secure({ sasl, passwordFile: file(`${secret}\n`) })).toEqual({
      sasl: { mechanism: sasl, username: 'alice', password: secret },
    });
  });

  test.each([
    ['no line end', secret, secret],
    ['a line end', `${secret}\n`, secret],
    ['\\r\\n', `${secret}\r\n`, secret],
    ['more lines', `${secret}\nmore\n`, secret],
    ['spaces around it, which are a part of it', ` ${secret} \n`, ` ${secret} `],
    ['what is not ASCII', 'größer\n', 'größer'],
  ])('the first line of a file with %s', (_name, content, password) => {
    expect(secure({ sasl, passwordFile: file(content) }).sasl?.password).toBe(password);
  });

  test('with the password of the environment, unless there is a file', () => {
    vi.stubEnv('SLUICE_KAFKA_PASSWORD', secret);
    expect(secure({ sasl }).sasl?.password).toBe(secret);
    expect(secure({ sasl, passwordFile: file('other') }).sasl?.password).toBe('other');
  });

  test('with TLS too', () => {
    vi.stubEnv('SLUICE_KAFKA_PASSWORD', secret);
    expect(secure({ sasl, tls: true })).toEqual({
      ssl: {},
      sasl: { mechanism: sasl, username: 'alice', password: secret },
    });
  });

  test('a password in the environment alone is for others', () => {
    vi.stubEnv('SLUICE_KAFKA_PASSWORD', secret);
    expect(secure({}, 'kafka://host/orders')).toEqual({});
  });
});

describe('what is missing is told, and never a secret', () => {
  const sasl = 'plain';
  const host = 'kafka://host/orders';

  test.each<[string, () => Partial<KafkaSettings>, string, string, string | undefined]>([
    [
      'a user and no way to log in',
      () => ({}),
      'kafka://alice@host/orders',
      'usage: kafka://alice@host/orders is to be logged in to, and how is not said',
      'add --sasl scram-sha-512, scram-sha-256 or plain',
    ],
    [
      'a password and no way to log in',
      () => ({ passwordFile: file(secret) }),
      host,
      `usage: ${host} is to be logged in to, and how is not said`,
      'add --sasl scram-sha-512, scram-sha-256 or plain',
    ],
    [
      'a way to log in and no user',
      () => ({ sasl, passwordFile: file(secret) }),
      host,
      'usage: --sasl needs a user',
      'put it in the address: kafka://USER@host/orders',
    ],
    [
      'no password',
      () => ({ sasl }),
      'kafka://alice@host/orders',
      'usage: a password is needed',
      'put it in a file, --password-file FILE, or in the environment: SLUICE_KAFKA_PASSWORD',
    ],
    [
      'no file of a password',
      () => ({ sasl, passwordFile: '/no/such' }),
      'kafka://alice@host/orders',
      'noInput: /no/such: no such file',
      undefined,
    ],
    [
      'a file whose first line is empty',
      () => ({ sasl, passwordFile: file(`\n${secret}\n`) }),
      'kafka://alice@host/orders',
      'usage: a password is needed',
      'put it in a file, --password-file FILE, or in the environment: SLUICE_KAFKA_PASSWORD',
    ],
  ])('%s', (_name, settings, address, message, hint) => {
    try {
      secure(settings(), address);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      expect(`${error.exit}: ${error.message}`).toBe(message);
      expect(error.hint).toBe(hint);
      expect(`${error.stack} ${String(error.cause)}`).not.toContain(secret);
    }
  });

  test('an empty password in the environment is none', () => {
    vi.stubEnv('SLUICE_KAFKA_PASSWORD', '');
    expect(failureOf(() => secure({ sasl }))).toBe('usage: a password is needed');
  });
});
