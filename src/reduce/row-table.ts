// The table of one batch, pane or window: filled part by part, merged with others of its kind, written as rows.
import type { Envelope, Reduced } from '../envelope/envelope.ts';
import type { Rejects } from '../stage/rejects.ts';
import { FieldTable } from './field-table.ts';
import { GroupTable } from './group-table.ts';
import { kernelFieldsOf } from './kernel-fields.ts';
import type { ReducePlan } from './plan.ts';
import { WordTable } from './word-table.ts';

/** `overflow`: the last row is `_other`, and so many records stand under it. */
export type Rows = { readonly payload: Buffer; readonly count: number; readonly overflow?: number };

/** A part as it came, or, in `folded`, the table that a worker made of its records. */
export type Part = Envelope & { readonly folded?: ArrayBuffer };

export interface RowTable {
  /** Takes in the records of one part. Throws SluiceError('badData') for a payload that is damaged. */
  fold(part: Part, rejects: Rejects): void;
  /**
   * Adds all of `other`, which stays as it is and has to be of the same kind. Where keys are bounded, the order in which
   * tables are merged decides which keys are kept: it has to be that of the stream.
   */
  merge(other: RowTable): void;
  /** All rows in the byte order of their keys, in pieces of about `partSize` bytes; none where there are no rows. */
  rows(partSize: number): Iterable<Rows>;
  /** The table is not used any more. */
  free(): void;
}

/** A table that takes in raw lines, and what other threads made of some. */
export type ByteTable = RowTable & {
  addLines(lines: Buffer): boolean;
  absorb(exported: ArrayBuffer): void;
  readonly size: number;
};

/** Empty tables for a plan. `upstream` is how the rows that it merges were reduced. */
export function tableMaker(plan: ReducePlan, upstream: Reduced | undefined): () => RowTable {
  if (plan.reduced.words) return () => new WordTable(plan);
  const fields = kernelFieldsOf(plan);
  if (fields) return () => new FieldTable(plan, fields);
  return () => new GroupTable(plan, upstream);
}
