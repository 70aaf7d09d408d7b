// Keys and sums in the kernel, from a payload's bytes. A part with anything that is not plain, a record of another
// kind, text where a number is due, an integer beyond 2^53, is folded record by record instead: the kernel is fast,
// group-table.ts knows all the rules.
import type { Envelope } from '../envelope/envelope.ts';
import type { Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import type { Rejects } from '../stage/rejects.ts';
import { GroupTable } from './group-table.ts';
import { addFields, moveGroups, type KernelFields } from './kernel-fields.ts';
import type { ReducePlan } from './plan.ts';
import type { Rows, RowSettings, RowTable } from './row-table.ts';

export class FieldTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fields: KernelFields;
  readonly #table: Table;
  /** What was folded record by record. */
  readonly #others: GroupTable;

  constructor(plan: ReducePlan, fields: KernelFields) {
    this.#plan = plan;
    this.#fields = fields;
    this.#table = processKernel().createTable({ values: fields.valueCount });
    this.#others = new GroupTable(plan, undefined);
  }

  fold(envelope: Envelope, rejects: Rejects): void {
    if (envelope.header.n === 0) return;
    // A table of its own for the part: what turns out not to be plain in the middle must leave no trace.
    const part = processKernel().createTable({ values: this.#fields.valueCount });
    const isPlain = addFields(part, this.#fields, envelope.payload, 'array');
    if (isPlain) this.#table.absorb(part.export());
    else this.#others.fold(envelope, rejects);
    part.free();
  }

  merge(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    this.#table.absorb(other.#table.export());
    this.#others.merge(other.#others);
  }

  /** Adds a table that another thread exported. */
  absorb(exported: ArrayBuffer): void {
    this.#table.absorb(exported);
  }

  rows(settings: RowSettings): Iterable<Rows> {
    const all = new GroupTable(this.#plan, undefined);
    all.merge(this.#others);
    moveGroups(this.#table, this.#fields, this.#plan, all);
    return all.rows(settings);
  }

  free(): void {
    this.#table.free();
  }
}
