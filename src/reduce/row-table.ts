// The table of one batch, pane or window: filled part by part, merged with others of its kind, written as rows.
import type { Envelope, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { Rejects } from '../stage/rejects.ts';
import { FieldTable } from './field-table.ts';
import { GroupTable } from './group-table.ts';
import type { Group } from './groups.ts';
import { kernelFieldsOf } from './kernel-fields.ts';
import type { Exported } from './listed-states.ts';
import type { ReducePlan } from './plan.ts';
import type { RowSource } from './rows.ts';
import { WordTable } from './word-table.ts';

/** A part as it came, or what workers made of its records: a table of the kernel, or groups, as in a snapshot of theirs. */
export type Part = Envelope & { readonly folded?: Exported; readonly groups?: readonly Json[] };

export interface RowTable extends RowSource {
  /** Takes in the records of one part. Throws SluiceError('badData') for a payload that is damaged. */
  fold(part: Part, rejects: Rejects): void;
  /**
   * Adds all of `other`, which stays as it is and has to be of the same kind. Where keys are bounded, the order in which
   * tables are merged decides which keys are kept: it has to be that of the stream.
   */
  merge(other: RowTable): void;
  /** Each group with its states, one for each column of the plan, in no order. They are not to be changed. */
  groups(): Iterable<Group>;
  /** Adds one group, whose states stay as they are. */
  add(group: Group): void;
  /**
   * Takes all of `other`, which is empty then, to be subtracted again. Returns the largest number in it: tables whose bounds add
   * up to no more than 2^53 are added and subtracted without rounding. Infinity where there are fractions and the like: `other`
   * stays as it is then, and this table is of no use. Absent where nothing can be subtracted.
   */
  enter?(other: RowTable): number;
  /** Takes away all that entered first and has not left. Keys without records leave. */
  leave?(): void;
  /** Adds to `other`, of the same kind, what entered as number `place` of all that has not left. */
  copyEntered?(place: number, other: RowTable): void;
  /** The snapshot of that. */
  snapshotEntered?(place: number): Json;
  /** All of it as JSON, and, into an empty table, back. */
  snapshot(): Json;
  restore(snapshot: Json): void;
}

/** A table that takes in raw lines or payloads, and what other threads made of some. False where one is not plain. */
export type ByteTable = RowTable & {
  addLines(lines: Buffer): boolean;
  addPayload(payload: Buffer, count: number): boolean;
  absorb(exported: Exported): void;
  readonly size: number;
};

/** An empty table. `slides`: what enters it will be subtracted again. */
export type NewTable = (slides?: boolean) => RowTable;

/** Empty tables for a plan. `upstream` is how the rows that it merges were reduced. */
export function tableMaker(plan: ReducePlan, upstream: Reduced | undefined): NewTable {
  if (plan.reduced.words) return () => new WordTable(plan);
  const fields = kernelFieldsOf(plan);
  if (fields) return (slides) => new FieldTable(plan, fields, slides);
  return () => new GroupTable(plan, upstream);
}
