// A sink is where rows go. One file a sink, one line in registry.ts.
import type { TableWriter } from '../emit.ts';
import type { EmitSettings } from '../command.ts';

export type SinkKind = {
  /** What an operand for it looks like, for the manual. */
  readonly name: string;
  readonly summary: string;
  /** Where true, rows go to one of its tables. */
  readonly hasTables?: boolean;
  /** Options that are for it and not for every sink. */
  readonly options?: readonly string[];
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
