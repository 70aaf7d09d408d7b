// The envelope's types: what flows between stages, in memory as on the wire. fields.ts describes each field.

export const formatVersion = 1;

/** `[start, end)` in epoch milliseconds, or, of windows that count, in record numbers from 0. */
export type Interval = { readonly start: number; readonly end: number; readonly unit?: 'records' };

/** Which field of a record is its time, and how it is read where that is not plain: `--time`, `--time-format`, `--tz`. */
export type TimeSpec = { readonly field: string; readonly format?: string; readonly zone?: string };

/** How records are put in sessions: those of a key that follow one another within the gap. Set by window, read by reduce. */
export type SessionSpec = {
  /** Milliseconds. */
  readonly gap: number;
  readonly time: TimeSpec;
};

/** How rows were reduced, so that a later reduce can merge them. Set by reduce, read by reduce and emit. */
export type Reduced = {
  /** The columns that name a row, in order. */
  readonly keys: readonly string[];
  /** Column → aggregate expression without its name, e.g. `{"errors":"count","mean":"avg(ms)"}`. */
  readonly aggregates: Readonly<Record<string, string>>;
  /** True where the rows are words and their counts. */
  readonly words?: boolean;
  /** True where the columns hold mergeable states (--partial) instead of final values. */
  readonly partial?: boolean;
  /** Set where rows replace what an earlier batch said of the same key, as totals that go on do. */
  readonly mode?: 'update' | 'complete';
};

/** What one stage did for one batch; all numbers are sums over that batch except `done` and `total`. */
export type StageReport = {
  readonly stage: string;
  /** Records in and out. */
  readonly in: number;
  readonly out: number;
  /** Bytes of records written. */
  readonly bytes: number;
  /** Milliseconds the stage's own code was busy. */
  readonly ms: number;
  /** Position and size of a finite input in bytes, for progress. */
  readonly done?: number;
  readonly total?: number;
  /** 1 where the input is typed at a terminal, whose keys are nobody else's then. */
  readonly terminal?: number;
  /** Of worker threads: how many tasks, how long all of them took and the slowest of them, in milliseconds. */
  readonly tasks?: number;
  readonly taskMs?: number;
  readonly slowestTask?: number;
  /** Further counters that are above zero: rejected, cut, damaged, late, ahead, outside. */
  readonly [counter: string]: number | string | undefined;
};

/** How far a source has been read: records are those that follow `skip` others behind byte `offset`. */
export type Position = {
  readonly offset: number;
  readonly skip?: number;
  /** What tells a file from another one of its name. */
  readonly file?: Readonly<Record<string, string | number>>;
  /** Nothing more is read of it. */
  readonly over?: boolean;
  /** It is not there any more: nobody has to know of it. */
  readonly gone?: boolean;
};

/** What each source contributed: `[from, until)`. */
export type Offsets = Readonly<Record<string, { readonly from: Position; readonly until: Position }>>;

/** A stage as a job knows it: its place in the pipeline, and the settings that its state depends on. */
export type StageIdentity = { readonly key: string; readonly shape: string };

/** The job that a stream is of, where it keeps state. Told by ingest in front of the first record. */
export type Job = {
  /** The folder of its state, as an absolute path. */
  readonly state: string;
  /** Which run of the job this is: the one that the folder is held by. */
  readonly run: string;
  /** Stages begin with what they held after this batch; absent: with nothing. */
  readonly after?: number;
  /** The number of the first batch that was not begun before. */
  readonly next: number;
  /** How far sources have been read by then. */
  readonly positions: Readonly<Record<string, Position>>;
  /** The stages so far, and what of the pipeline they are in, where it parts: `0.` and `1.`. */
  readonly stages: readonly StageIdentity[];
  readonly branch?: string;
  /** The Kafka group whose partitions are read, and the cluster that knows it. */
  readonly group?: { readonly name: string; readonly cluster: string };
};

export type Header = {
  v?: number;
  batch?: number;
  part?: number;
  last?: boolean;
  /** Number of records in this part. */
  n: number;
  from?: number;
  to?: number;
  pane?: Interval;
  closed?: readonly Interval[];
  open?: readonly Interval[];
  window?: Interval;
  reduced?: Reduced;
  /** The last row of this part is `_other`; so many records stand under it. */
  overflow?: number;
  session?: SessionSpec;
  watermark?: number;
  stages?: readonly StageReport[];
  job?: Job;
  offsets?: Offsets;
  checkpoint?: number;
  flush?: boolean;
  end?: Ending;
  reason?: string;
};

/** `paused` is the end of a run whose job goes on with the next one: windows stay open. */
export type Ending = 'ok' | 'failed' | 'paused';

export type Envelope = {
  readonly header: Header;
  /** The inside of the JSON array `records`, without its brackets: `"a b","c"`. Opaque to who needs no records. */
  readonly payload: Buffer;
};

export const noRecords: Buffer = Buffer.alloc(0);

export function isEnd(envelope: Envelope): boolean {
  return envelope.header.end !== undefined;
}

export function endEnvelope(end: Ending, reason?: string): Envelope {
  return {
    header: { v: formatVersion, n: 0, end, ...(reason !== undefined && { reason }) },
    payload: noRecords,
  };
}

/**
 * A block without records that ingest writes now and then while its input is idle. Every stage hands it on: it
 * carries the reports, and finds out that nobody reads any more.
 */
export function isHeartbeat({ v, batch, n, end, offsets, flush }: Header): boolean {
  return v !== undefined && batch === undefined && n === 0 && end === undefined && !offsets && !flush;
}
