// A sink is where rows go. One file a sink, one line in registry.ts.
import type { TableWriter } from '../emit.ts';
import type { EmitSettings } from '../command.ts';

/** Names as on the command line; those of no sink are of all. */
export const sinkOptions = [
  'format',
  'csv-safe',
  'token-file',
  'rotate-size',
  'rotate-age',
  'table',
  'mode',
  'key',
  'patience',
  'transactional',
  'compression',
  'tls',
  'tls-ca',
  'tls-cert',
  'tls-key',
  'sasl',
  'password-file',
] as const;

export type SinkOption = (typeof sinkOptions)[number];

export type SinkKind = {
  /** What an operand for it looks like, for the manual. */
  readonly name: string;
  readonly summary: string;
  /** Options that not all sinks have. */
  readonly options: readonly SinkOption[];
  readonly matches: (operand: string) => boolean;
  /** Checks all that can be checked before the first byte; nothing is written yet. Throws SluiceError. */
  readonly prepare: (operand: string, settings: EmitSettings) => Promise<Sink>;
};

export type Sink = {
  /** Tells two sinks apart: those of the same target would write over each other. */
  readonly target: string;
  /** `showsStatus` is false where another sink of this process has the line on standard error. */
  readonly open: (showsStatus: boolean) => Promise<TableWriter>;
};
