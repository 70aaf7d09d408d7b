// Keys and sums in the kernel, from a payload's bytes. A part with anything that is not plain, a record of another
// kind, text where a number is due, an integer beyond 2^53, is folded record by record instead: the kernel is fast,
// group-table.ts knows all the rules.
import type { Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import type { Rejects } from '../stage/rejects.ts';
import { GroupTable } from './group-table.ts';
import { addFields, moveGroups, type KernelFields } from './kernel-fields.ts';
import type { ReducePlan } from './plan.ts';
import type { Part, Rows, RowTable } from './row-table.ts';

export class FieldTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fields: KernelFields;
  readonly #table: Table;
  /** What was folded record by record. */
  readonly #others: GroupTable;
  /** With a bound on keys, from the first part on that is not plain: all is in `#others`, since they share the bound. */
  #isGathered = false;

  constructor(plan: ReducePlan, fields: KernelFields) {
    this.#plan = plan;
    this.#fields = fields;
    const { maxKeys } = plan;
    this.#table = processKernel().createTable({
      values: fields.valueCount,
      ...(maxKeys !== undefined && { maxKeys }),
    });
    this.#others = new GroupTable(plan, undefined);
  }

  fold(part: Part, rejects: Rejects): void {
    if (part.folded) return this.absorb(part.folded);
    if (part.header.n === 0) return;
    // A table of its own for the part: what turns out not to be plain in the middle must leave no trace.
    const table = processKernel().createTable({ values: this.#fields.valueCount });
    if (addFields(table, this.#fields, part.payload, 'array')) this.absorb(table.export());
    else {
      this.#gather();
      this.#others.fold(part, rejects);
    }
    table.free();
  }

  merge(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    if (other.#isGathered) this.#gather();
    this.absorb(other.#table.export());
    this.#others.merge(other.#others);
  }

  /** Adds raw lines. False where one is not plain: the table is of no use then. */
  addLines(lines: Buffer): boolean {
    return addFields(this.#table, this.#fields, lines, 'lines');
  }

  /** Groups in the kernel. */
  get size(): number {
    return this.#table.size;
  }

  /** Adds a table that another thread exported. */
  absorb(exported: ArrayBuffer): void {
    if (!this.#isGathered) return this.#table.absorb(exported);
    const table = processKernel().createTable({ values: this.#fields.valueCount });
    table.absorb(exported);
    moveGroups(table, this.#fields, this.#plan, this.#others);
    table.free();
  }

  #gather(): void {
    if (this.#plan.maxKeys === undefined || this.#isGathered) return;
    moveGroups(this.#table, this.#fields, this.#plan, this.#others);
    this.#table.clear();
    this.#isGathered = true;
  }

  rows(partSize: number): Iterable<Rows> {
    const all = new GroupTable(this.#plan, undefined);
    all.merge(this.#others);
    moveGroups(this.#table, this.#fields, this.#plan, all);
    return all.rows(partSize);
  }

  free(): void {
    this.#table.free();
  }
}
