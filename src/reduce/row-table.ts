// The table of one batch, pane or window: filled part by part, merged with others of its kind, written as rows.
import type { Envelope, Interval, Reduced } from '../envelope/envelope.ts';
import type { Rejects } from '../stage/rejects.ts';
import { FieldTable } from './field-table.ts';
import { GroupTable } from './group-table.ts';
import { kernelFieldsOf } from './kernel-fields.ts';
import type { Exported } from './listed-states.ts';
import type { ReducePlan } from './plan.ts';
import { WordTable } from './word-table.ts';

/** How rows are written. */
export type RowSettings = {
  /** In pieces of about so many bytes. */
  readonly partSize: number;
  /** What the records are from, where their batch or window has an interval. */
  readonly interval?: Interval | undefined;
  /** Takes what has to be said about the results when the stream is over. */
  readonly caveats: Set<string>;
};

export type Rows = { readonly payload: Buffer; readonly count: number };

export interface RowTable {
  /** Takes in the records of one part. Throws SluiceError('badData') for a payload that is damaged. */
  fold(envelope: Envelope, rejects: Rejects): void;
  /** Adds all of `other`, which stays as it is and has to be of the same kind. */
  merge(other: RowTable): void;
  /** All rows in the byte order of their keys; none where there are no rows. */
  rows(settings: RowSettings): Iterable<Rows>;
  /** The table is not used any more. */
  free(): void;
}

/** A table that takes in raw lines, and what other threads made of some. */
export type ByteTable = RowTable & {
  addLines(lines: Buffer): boolean;
  absorb(exported: Exported): void;
  readonly size: number;
};

/** Empty tables for a plan. `upstream` is how the rows that it merges were reduced. */
export function tableMaker(plan: ReducePlan, upstream: Reduced | undefined): () => RowTable {
  if (plan.reduced.words) return () => new WordTable(plan);
  const fields = kernelFieldsOf(plan);
  if (fields) return () => new FieldTable(plan, fields);
  return () => new GroupTable(plan, upstream);
}
