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
  /** Further counters that are above zero: rejected, cut, damaged, late, ahead, outside. */
  readonly [counter: string]: number | string | undefined;
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
  session?: SessionSpec;
  watermark?: number;
  stages?: readonly StageReport[];
  end?: 'ok' | 'failed';
  reason?: string;
};

export type Envelope = {
  readonly header: Header;
  /** The inside of the JSON array `records`, without its brackets: `"a b","c"`. Opaque to who needs no records. */
  readonly payload: Buffer;
};

export const noRecords: Buffer = Buffer.alloc(0);

export function isEnd(envelope: Envelope): boolean {
  return envelope.header.end !== undefined;
}

export function endEnvelope(end: 'ok' | 'failed', reason?: string): Envelope {
  return {
    header: { v: formatVersion, n: 0, end, ...(reason !== undefined && { reason }) },
    payload: noRecords,
  };
}

/**
 * A block without records that ingest writes now and then while its input is idle. Every stage hands it on: it
 * carries the reports, and finds out that nobody reads any more.
 */
export function isHeartbeat({ v, batch, n, end }: Header): boolean {
  return v !== undefined && batch === undefined && n === 0 && end === undefined;
}
