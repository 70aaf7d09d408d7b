// Keys and sums in the kernel, from a payload's bytes. A part with anything that is not plain, a record of another
// kind, text where a number is due, an integer beyond 2^53, is folded record by record instead: the kernel is fast,
// group-table.ts knows all the rules.
import type { Envelope } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { bytesToText, textToBytes } from '../kernel/bytes-text.ts';
import type { Table } from '../kernel/kernel.ts';
import type { Rejects } from '../stage/rejects.ts';
import { GroupTable } from './group-table.ts';
import type { Group } from './groups.ts';
import { addFields, newTable, type KernelFields } from './kernel-fields.ts';
import { groupsOf } from './kernel-groups.ts';
import { fieldFormat, rowsOfTable } from './kernel-rows.ts';
import {
  decodeStatesByKey,
  encodeStatesByKey,
  ListedStates,
  mergeStates,
  type Exported,
  type StatesByKey,
} from './listed-states.ts';
import type { ReducePlan } from './plan.ts';
import type { Part, RowTable } from './row-table.ts';
import type { Rows, RowSettings } from './rows.ts';

export class FieldTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fields: KernelFields;
  #table: Table;
  readonly #listed: StatesByKey = new Map();
  /** From raw lines, not among the others yet. */
  readonly #read: ListedStates;
  /** What was folded record by record. */
  readonly #others: GroupTable;
  #hasOthers = false;

  constructor(plan: ReducePlan, fields: KernelFields) {
    this.#plan = plan;
    this.#fields = fields;
    this.#table = newTable(fields);
    this.#read = new ListedStates(fields.listed);
    this.#others = new GroupTable(plan, undefined);
  }

  fold(part: Part, rejects: Rejects): void {
    if (part.folded) return this.absorb(part.folded);
    if (part.header.n === 0) return;
    // A table of its own for the part: what turns out not to be plain in the middle must leave no trace.
    const table = newTable(this.#fields);
    const listed = new ListedStates(this.#fields.listed);
    if (!addFields(table, listed, this.#fields, part.payload, 'array')) this.#foldOthers(part, rejects);
    else if (this.#table.size > 0 || this.#hasListed)
      this.absorb({ table: table.export(), listed: listed.takeByKey(table) });
    else return this.#replaceTable(table);
    table.free();
  }

  merge(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    this.absorb({ table: other.#table.export(), listed: other.#allListed() });
    if (other.#hasOthers) this.#others.merge(other.#others);
    this.#hasOthers ||= other.#hasOthers;
  }

  exactBound(): number {
    const isInexact = this.#hasOthers || this.#hasListed || this.#fields.hasExtremes;
    return isInexact ? Number.POSITIVE_INFINITY : this.#table.exactBound();
  }

  subtract(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be subtracted');
    this.#table.subtract(other.#table.export());
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

  add(group: Group): void {
    this.#hasOthers = true;
    this.#others.add(group);
  }

  snapshot(): Json {
    return {
      table: bytesToText(this.#table.export()),
      ...(this.#hasListed && { listed: encodeStatesByKey(this.#allListed(), this.#fields.listed) }),
      ...(this.#hasOthers && { others: this.#others.snapshot() }),
    };
  }

  restore(snapshot: Json): void {
    const { table, listed = [], others } = snapshot as { table: string; listed?: Json[]; others?: Json };
    this.absorb({ table: textToBytes(table), listed: decodeStatesByKey(listed, this.#fields.listed) });
    if (others === undefined) return;
    this.#hasOthers = true;
    this.#others.restore(others);
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

  get #hasListed(): boolean {
    return this.#fields.listed.length > 0;
  }

  /** The first part's table serves as this one. */
  #replaceTable(table: Table): void {
    this.#table.free();
    this.#table = table;
  }

  #foldOthers(envelope: Envelope, rejects: Rejects): void {
    this.#hasOthers = true;
    this.#others.fold(envelope, rejects);
  }

  /** From here on all reductions are alike. */
  #all(): GroupTable {
    const all = new GroupTable(this.#plan, undefined);
    all.merge(this.#others);
    for (const group of groupsOf(this.#table, this.#allListed(), this.#fields, this.#plan)) all.add(group);
    return all;
  }

  #allListed(): StatesByKey {
    mergeStates(this.#listed, this.#read.takeByKey(this.#table), this.#fields.listed);
    return this.#listed;
  }
}
