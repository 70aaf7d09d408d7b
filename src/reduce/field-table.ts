// Keys and sums in the kernel, from a payload's bytes. A part with anything that is not plain, a record of another
// kind, text where a number is due, an integer beyond 2^53, is folded record by record instead: the kernel is fast,
// group-table.ts knows all the rules.
import type { Envelope } from '../envelope/envelope.ts';
import type { Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import type { Rejects } from '../stage/rejects.ts';
import { GroupTable } from './group-table.ts';
import type { Group } from './groups.ts';
import { addFields, groupsOf, type KernelFields } from './kernel-fields.ts';
import { fieldFormat, rowsOfTable } from './kernel-rows.ts';
import type { ReducePlan } from './plan.ts';
import type { RowTable } from './row-table.ts';
import type { Rows, RowSettings } from './rows.ts';

export class FieldTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fields: KernelFields;
  #table: Table;
  /** What was folded record by record. */
  readonly #others: GroupTable;
  #hasOthers = false;

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
    if (!isPlain) this.#foldOthers(envelope, rejects);
    else if (this.#table.size > 0) this.#table.absorb(part.export());
    const isFirst = isPlain && this.#table.size === 0;
    const spare = isFirst ? this.#table : part;
    if (isFirst) this.#table = part;
    spare.free();
  }

  merge(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    this.#table.absorb(other.#table.export());
    if (other.#hasOthers) this.#others.merge(other.#others);
    this.#hasOthers ||= other.#hasOthers;
  }

  exactBound(): number {
    return this.#hasOthers || this.#fields.hasExtremes ? Number.POSITIVE_INFINITY : this.#table.exactBound();
  }

  subtract(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be subtracted');
    this.#table.subtract(other.#table.export());
  }

  /** Adds a table that another thread exported. */
  absorb(exported: ArrayBuffer): void {
    this.#table.absorb(exported);
  }

  add(group: Group): void {
    this.#hasOthers = true;
    this.#others.add(group);
  }

  groups(): Iterable<Group> {
    return this.#all().groups();
  }

  rows(settings: RowSettings): Iterable<Rows> {
    const format = fieldFormat(this.#plan, this.#fields);
    const isPlain = format && !this.#hasOthers && this.#table.size > 0 && this.#plan.keys.length > 0;
    return isPlain && this.#table.hasPlainRows(this.#fields.json !== undefined)
      ? rowsOfTable(this.#table, format, settings.partSize)
      : this.#all().rows(settings);
  }

  free(): void {
    this.#table.free();
  }

  #foldOthers(envelope: Envelope, rejects: Rejects): void {
    this.#hasOthers = true;
    this.#others.fold(envelope, rejects);
  }

  /** From here on all reductions are alike. */
  #all(): GroupTable {
    const all = new GroupTable(this.#plan, undefined);
    all.merge(this.#others);
    for (const group of groupsOf(this.#table, this.#fields, this.#plan)) all.add(group);
    return all;
  }
}
