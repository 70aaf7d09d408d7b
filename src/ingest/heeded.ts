// Options that are for some sources only.
import { refuseUnheeded, type Heeding } from '../command/heeded.ts';
import { kafkaScheme } from '../kafka/address.ts';
import { loginOptions } from '../kafka/options.ts';
import type { IngestSettings } from './command.ts';
import { receiverKinds, receiverOf } from './receivers/registry.ts';

const ofKafka: Heeding = {
  name: `${kafkaScheme}HOST:PORT/TOPIC`,
  options: ['start', 'group', 'until', 'with-meta', 'max-rate-per-partition'].concat(
    ['tls', 'tls-ca', 'tls-cert', 'tls-key'],
    ['sasl', 'password-file'],
  ),
};

/** Throws SluiceError('usage') where one is given that none of the sources heeds. */
export function refuseOthers(settings: IngestSettings, operands: readonly string[]): void {
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
  const given = Object.keys(values).filter((name) => values[name] !== undefined && values[name] !== false);
  const chosen = operands.flatMap((operand) =>
    operand.startsWith(kafkaScheme) ? ofKafka : (receiverOf(operand) ?? []),
  );
  refuseUnheeded(
    given,
    chosen,
    [ofKafka, ...receiverKinds],
    operands.length > 0 ? operands : ['standard input'],
  );
}
