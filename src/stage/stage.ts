// A stage made from its settings, ready to be run: alone between two pipes, or with others in one process.
import type { Envelope, Offsets, Position } from '../envelope/envelope.ts';
import type { ExecutorSettings } from '../executor/executor.ts';
import type { FormatOptions } from '../ingest/formats/registry.ts';
import type { KernelFields } from '../reduce/kernel-fields.ts';
import type { ReducePlan } from '../reduce/plan.ts';
import type { RowSettings } from '../reduce/rows.ts';
import type { Core } from './core.ts';
import type { Merged } from './merge.ts';
import type { JobOutput } from './committing.ts';

/** The reason that an end gives where a signal stopped the source. */
export const stoppedEarly = 'stopped by a signal';

/** What is read, or, in front of all, the envelope by which a job that keeps state makes itself known. */
export type SourceChunk =
  | InputChunk
  | EncodedChunk
  | { readonly opening: Envelope }
  | { readonly flush: true };

/** Records that a source makes itself, such as messages, and where they stand in it; none where something was passed over. */
export type EncodedChunk = { readonly payload: Buffer; readonly count: number; readonly offsets: Offsets };

/** `bytes` of an input, or its end, at which a last line without newline is complete. */
export type InputChunk = {
  readonly source: { readonly name: string };
  readonly bytes?: Buffer;
  /** Where `bytes` stand in the input, for jobs that keep state. */
  readonly place?: SourcePlace;
  /** It is to have left the process before more is asked for. */
  readonly isAwaited?: boolean;
};

export type SourcePlace = Position & {
  /** What the job calls this input. */
  readonly id: string;
};

/** What a stage has to say when the stream is over. */
export type Closing = {
  readonly warnings: readonly { readonly message: string; readonly hint?: string }[];
  /** True where more records were rejected than --max-errors allows. */
  readonly isAboveLimit: boolean;
};

type StageBase = {
  readonly name: string;
  /** What the state of a job depends on of its settings, as a user would type it: where it changes, the state does not fit. */
  readonly shape?: string;
  readonly closing?: () => Closing;
};

/** Reads from outside what its own core turns into blocks. */
export type SourceStage = StageBase & {
  readonly role: 'source';
  /** Ends early, and well, once `stop` is aborted; returns the end of the stream. */
  readonly read: (stop: AbortSignal) => AsyncIterator<SourceChunk, Envelope>;
  readonly core: Core<SourceChunk>;
  /** Called when all is over, however: what others are told once the sinks have everything. */
  readonly finish?: () => Promise<void>;
  /** The folder in which the job keeps its state. */
  readonly state?: string;
  /** Where all input is plain files, read whole: what it takes to read them in ranges, elsewhere. */
  readonly wholeFiles?: () => Promise<WholeFiles | undefined>;
};

export type WholeFiles = {
  readonly files: readonly PlainFile[];
  readonly maxRecord: number;
  readonly format: FormatOptions;
  /** Where lines that are no records are left out: is told how many, and of the first. */
  readonly skipped?: ((count: number, first: { place: string; reason: string }) => void) | undefined;
};

/** A finite file that is not packed: it can be read from anywhere. */
export type PlainFile = { readonly path: string; readonly size: number };

export type FilterStage = StageBase & {
  readonly role: 'filter';
  readonly core: Core;
  /** True for a batch of all there is. */
  readonly isOneBatch?: boolean;
  /** Where it does nothing that the kernel cannot do from bytes. */
  readonly reduction?: Reduction;
};

/** Without `fields` it counts words. */
export type Reduction = {
  readonly executor: ExecutorSettings;
  readonly plan: ReducePlan;
  readonly rows: Omit<RowSettings, 'interval'>;
  readonly fields?: KernelFields;
  /** Whether work that fails in a worker ends it all; else the stages do it, and what they do about it is theirs. */
  readonly stops: boolean;
};

/** A filter that reads further streams beside the one from upstream. */
export type MergeStage = StageBase & {
  readonly role: 'merge';
  readonly core: Core<Merged>;
  /** Where false, standard input is upstream only if it is a pipe or a file. */
  readonly needsUpstream: boolean;
  /** Returns the end of the stream. `upstream` is not asked for anything where there is none. */
  readonly merge: (
    upstream: AsyncIterator<Envelope, Envelope>,
    hasUpstream: boolean,
  ) => AsyncIterator<Merged, Envelope>;
};

/** Writes to the outside. Nothing is written before `open`. */
export type SinkStage = StageBase & {
  readonly role: 'sink';
  readonly core: Core;
  /** What it writes to; `-` is standard output. Two sinks of one target would write over each other. */
  readonly targets: readonly string[];
  /** With `showsStatus` it may show on standard error what the pipeline does: one sink of a process does. */
  readonly open: (showsStatus: boolean) => Promise<JobOutput>;
};

export type Stage = SourceStage | FilterStage | MergeStage | SinkStage;
