// Options that are for some sources only: with others they would change nothing, and whoever gave them means something else.
import { SluiceError } from '../errors.ts';
import { kafkaScheme } from '../kafka/address.ts';
import { loginOptions } from '../kafka/options.ts';
import type { IngestSettings } from './command.ts';
import { receiverKinds, receiverOf } from './receivers/registry.ts';

const ofKafka = {
  name: `${kafkaScheme}HOST:PORT/TOPIC`,
  options: ['start', 'group', 'until', 'with-meta', 'max-rate-per-partition'].concat(
    ['tls', 'tls-ca', 'tls-cert', 'tls-key'],
    ['sasl', 'password-file'],
  ),
};

/** Throws SluiceError('usage') where one is given that none of the sources heeds. */
export function refuseUnheeded(settings: IngestSettings, operands: readonly string[]): void {
  const { start, group, until, withMeta, maxRatePerPartition } = settings;
  const { exitOnEof, maxConnections, idleTimeout, dedupHeader } = settings;
  const values: Record<string, unknown> = {
    start,
    group,
    until,
    'with-meta': withMeta,
    'max-rate-per-partition': maxRatePerPartition,
    'exit-on-eof': exitOnEof,
    'max-connections': maxConnections,
    'idle-timeout': idleTimeout,
    'dedup-header': dedupHeader,
    ...loginOptions(settings),
  };
  const heeded = new Set(
    operands.flatMap((operand) =>
      operand.startsWith(kafkaScheme) ? ofKafka.options : (receiverOf(operand)?.options ?? []),
    ),
  );
  const given = Object.keys(values).find(
    (name) => values[name] !== undefined && values[name] !== false && !heeded.has(name),
  );
  if (given === undefined) return;
  const others = [ofKafka, ...receiverKinds].filter(({ options }) => options.includes(given));
  throw new SluiceError(
    'usage',
    `--${given} does nothing with ${operands[0] ?? 'standard input'}`,
    `it is for: ${others.map(({ name }) => name).join(', ')}`,
  );
}
