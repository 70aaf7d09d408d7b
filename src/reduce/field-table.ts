// Keys and sums in the kernel, from a payload's bytes. A part with anything that is not plain, a record of another
// kind, text where a number is due, an integer beyond 2^53, is folded record by record instead: the kernel is fast,
// group-table.ts knows all the rules.
import type { Envelope } from '../envelope/envelope.ts';
import type { Table } from '../kernel/kernel.ts';
import type { Rejects } from '../stage/rejects.ts';
import { GroupTable } from './group-table.ts';
import { addFields, newTable, type KernelFields } from './kernel-fields.ts';
import { moveGroups } from './kernel-groups.ts';
import { ListedStates, mergeStates, type Exported, type StatesByKey } from './listed-states.ts';
import type { ReducePlan } from './plan.ts';
import type { Rows, RowSettings, RowTable } from './row-table.ts';

export class FieldTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fields: KernelFields;
  readonly #table: Table;
  readonly #listed: StatesByKey = new Map();
  /** From raw lines, not among the others yet. */
  readonly #read: ListedStates;
  /** What was folded record by record. */
  readonly #others: GroupTable;

  constructor(plan: ReducePlan, fields: KernelFields) {
    this.#plan = plan;
    this.#fields = fields;
    this.#table = newTable(fields);
    this.#read = new ListedStates(fields.listed);
    this.#others = new GroupTable(plan, undefined);
  }

  fold(envelope: Envelope, rejects: Rejects): void {
    if (envelope.header.n === 0) return;
    // A table of its own for the part: what turns out not to be plain in the middle must leave no trace.
    const part = newTable(this.#fields);
    const listed = new ListedStates(this.#fields.listed);
    const isPlain = addFields(part, listed, this.#fields, envelope.payload, 'array');
    if (isPlain) this.absorb({ table: part.export(), listed: listed.takeByKey(part) });
    else this.#others.fold(envelope, rejects);
    part.free();
  }

  merge(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    this.absorb({ table: other.#table.export(), listed: other.#allListed() });
    this.#others.merge(other.#others);
  }

  /** Adds raw lines. False where one is not plain: the table is of no use then. */
  addLines(lines: Buffer): boolean {
    return addFields(this.#table, this.#read, this.#fields, lines, 'lines');
  }

  /** Groups in the kernel. */
  get size(): number {
    return this.#table.size;
  }

  /** Adds what another thread, or another table, has read. */
  absorb({ table, listed }: Exported): void {
    this.#table.absorb(table);
    mergeStates(this.#listed, listed, this.#fields.listed);
  }

  rows(settings: RowSettings): Iterable<Rows> {
    const all = new GroupTable(this.#plan, undefined);
    all.merge(this.#others);
    moveGroups(this.#table, this.#allListed(), this.#fields, this.#plan, all);
    return all.rows(settings);
  }

  free(): void {
    this.#table.free();
  }
  #allListed(): StatesByKey {
    mergeStates(this.#listed, this.#read.takeByKey(this.#table), this.#fields.listed);
    return this.#listed;
  }
}
