// How a stage reaches a Kafka cluster that asks who it is; of ingest and emit alike.
import type { OptionTable, Settings } from '../command/command.ts';
import { tlsOptions } from '../tls.ts';

export const kafkaOptions = {
  ...tlsOptions,
  sasl: {
    kind: 'text',
    placeholder: 'MECHANISM',
    choices: ['plain', 'scram-sha-256', 'scram-sha-512'],
    describe: 'Kafka: how to log in, as the user of the address, kafka://USER@HOST/…',
  },
  'password-file': {
    kind: 'path',
    describe: 'Kafka: a file whose first line is the password (default: $SLUICE_KAFKA_PASSWORD)',
  },
} as const satisfies OptionTable;

export type KafkaSettings = Settings<typeof kafkaOptions>;

/** By their names on the command line. */
export function loginOptions({
  tls,
  tlsCa,
  tlsCert,
  tlsKey,
  sasl,
  passwordFile,
}: KafkaSettings): Record<string, unknown> {
  return {
    tls,
    'tls-ca': tlsCa,
    'tls-cert': tlsCert,
    'tls-key': tlsKey,
    sasl,
    'password-file': passwordFile,
  };
}
