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
import { groupsOf, rankedColumns } from './kernel-groups.ts';
import { fieldFormat, rowsOfTable } from './kernel-rows.ts';
import {
  decodeStatesByKey,
  encodeStatesByKey,
  ListedStates,
  mergeStates,
  type Exported,
  type StatesByKey,
} from './listed-states.ts';
import { decodeNumbers, encodeNumbers } from './numbers-snapshot.ts';
import { Numbers, type ExportedNumbers } from './numbers.ts';
import type { ReducePlan } from './plan.ts';
import type { Part, RowTable } from './row-table.ts';
import type { Rows, RowSettings } from './rows.ts';
import { SlidingNumbers } from './sliding-numbers.ts';

export class FieldTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fields: KernelFields;
  #table: Table;
  readonly #listed: StatesByKey = new Map();
  /** From raw lines, not among the others yet. */
  readonly #read: ListedStates;
  /** One for each of the fields' `ranked`. */
  #numbers: readonly Numbers[];
  /** The same, where what enters is subtracted again. */
  readonly #sliding: readonly SlidingNumbers[] | undefined;
  /** What was folded record by record. */
  readonly #others: GroupTable;
  #hasOthers = false;

  /** `slides`: what enters it will be subtracted again. */
  constructor(plan: ReducePlan, fields: KernelFields, slides = false) {
    this.#plan = plan;
    this.#fields = fields;
    this.#table = newTable(fields);
    this.#read = new ListedStates(fields.listed);
    this.#numbers = newNumbers(fields);
    this.#sliding = slides ? fields.ranked.map(() => new SlidingNumbers()) : undefined;
    this.#others = new GroupTable(plan, undefined);
  }

  fold(part: Part, rejects: Rejects): void {
    if (part.folded) return this.absorb(part.folded);
    if (part.header.n === 0) return;
    // A table of its own for the part: what turns out not to be plain in the middle must leave no trace.
    const table = newTable(this.#fields);
    const listed = new ListedStates(this.#fields.listed);
    // What a header says, within reason.
    const numbers = newNumbers(this.#fields, Math.min(part.header.n, part.payload.length));
    if (!addFields(table, { listed, numbers }, this.#fields, part.payload, 'array'))
      this.#foldOthers(part, rejects);
    else if (this.#table.size > 0 || this.#hasListed)
      this.#take(this.#table.merge(table), listed.takeByKey(table), exportAll(numbers, table.size));
    else return this.#replaceTable(table, numbers);
    table.free();
  }

  merge(other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    const numbers = exportAll(other.#numbers, other.size);
    this.#take(this.#table.merge(other.#table), other.#allListed(), numbers);
    if (other.#hasOthers) this.#others.merge(other.#others);
    this.#hasOthers ||= other.#hasOthers;
  }

  enter(other: RowTable): number {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    if (other.#hasOthers || this.#hasListed || this.#fields.hasExtremes) return Number.POSITIVE_INFINITY;
    const numbers = exportAll(other.#numbers, other.size);
    const { groups, bound } = this.#table.enter(other.#table);
    this.#take(groups, new Map(), numbers);
    if (bound < Number.POSITIVE_INFINITY) other.#clear();
    return bound;
  }

  leave(): void {
    const before = this.#table.leave();
    for (const numbers of this.#sliding ?? []) numbers.leave(before);
  }

  copyEntered(place: number, other: RowTable): void {
    if (!(other instanceof FieldTable)) throw new TypeError('tables of two kinds cannot be merged');
    other.absorb(this.#entered(place));
  }

  snapshotEntered(place: number): Json {
    return this.#encode(this.#entered(place));
  }

  /** Adds raw lines. False where one is not plain: the table is of no use then. */
  addLines(lines: Buffer): boolean {
    return this.#addBytes(lines, 'lines');
  }

  /** Adds a payload. False as for lines. */
  addPayload(payload: Buffer): boolean {
    return this.#addBytes(payload, 'array');
  }

  #addBytes(bytes: Buffer, layout: 'lines' | 'array'): boolean {
    const beside = { listed: this.#read, numbers: this.#numbers };
    return addFields(this.#table, beside, this.#fields, bytes, layout);
  }

  /** Groups in the kernel. */
  get size(): number {
    return this.#table.size;
  }

  /** Adds what another thread, or another table, has read. */
  absorb({ table, listed, numbers }: Exported): void {
    this.#take(this.#table.absorb(table), listed, numbers);
  }

  #take(groups: Uint32Array, listed: StatesByKey, numbers: readonly ExportedNumbers[]): void {
    for (const [index, kept] of this.#kept.entries()) kept.absorb(numbers[index] as ExportedNumbers, groups);
    mergeStates(this.#listed, listed, this.#fields.listed);
  }

  add(group: Group): void {
    this.#hasOthers = true;
    this.#others.add(group);
  }

  snapshot(): Json {
    const table = this.#table.export();
    const numbers = exportAll(this.#numbers, this.size);
    return {
      ...this.#encode({ table, listed: this.#allListed(), numbers }),
      ...(this.#hasOthers && { others: this.#others.snapshot() }),
    };
  }

  restore(snapshot: Json): void {
    const {
      table,
      listed = [],
      numbers = [],
      others,
    } = snapshot as { table: string; listed?: Json[]; numbers?: Json[]; others?: Json };
    this.absorb({
      table: textToBytes(table),
      listed: decodeStatesByKey(listed, this.#fields.listed),
      numbers: numbers.map(decodeNumbers),
    });
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
    if (!isPlain || !this.#table.hasPlainRows(this.#fields.json !== undefined))
      return this.#all().rows(settings);
    if (this.#kept.length > 0) this.#table.setResults(this.#results());
    return rowsOfTable(this.#table, format, settings.partSize);
  }

  free(): void {
    this.#table.free();
  }

  #encode({ table, listed, numbers }: Exported): { [name: string]: Json } {
    return {
      table: bytesToText(table),
      ...(this.#hasListed && { listed: encodeStatesByKey(listed, this.#fields.listed) }),
      ...(numbers.length > 0 && { numbers: numbers.map(encodeNumbers) }),
    };
  }

  /** What has listed states never enters. */
  #entered(place: number): Exported {
    const numbers = (this.#sliding ?? []).map((each) => each.entered(place));
    return { table: this.#table.exportEntered(place), listed: new Map(), numbers };
  }

  get #hasListed(): boolean {
    return this.#fields.listed.length > 0;
  }

  get #kept(): readonly (Numbers | SlidingNumbers)[] {
    return this.#sliding ?? this.#numbers;
  }

  /** The first part's table serves as this one. */
  #replaceTable(table: Table, numbers: readonly Numbers[]): void {
    this.#table.free();
    this.#table = table;
    this.#numbers = numbers;
  }

  #clear(): void {
    this.#table.clear();
    this.#numbers = newNumbers(this.#fields);
  }

  /** What is told by ranks, for each group. */
  #results(): Float64Array {
    const columns = rankedColumns(this.#fields, this.#plan);
    const results = new Float64Array(this.#table.size * columns.length);
    for (const [index, numbers] of this.#kept.entries()) {
      const wanted = columns.filter(({ list }) => list === index);
      numbers.fillIn(results, columns.length, wanted);
    }
    return results;
  }

  #foldOthers(envelope: Envelope, rejects: Rejects): void {
    this.#hasOthers = true;
    this.#others.fold(envelope, rejects);
  }

  /** From here on all reductions are alike. */
  #all(): GroupTable {
    const all = new GroupTable(this.#plan, undefined);
    all.merge(this.#others);
    for (const group of this.#kernelGroups()) all.add(group);
    return all;
  }

  #kernelGroups(): Iterable<Group> {
    return groupsOf(this.#table, this.#allListed(), this.#kept, this.#fields, this.#plan);
  }

  #allListed(): StatesByKey {
    mergeStates(this.#listed, this.#read.takeByKey(this.#table), this.#fields.listed);
    return this.#listed;
  }
}

function newNumbers({ ranked }: KernelFields, expected?: number): Numbers[] {
  return ranked.map(() => new Numbers(expected));
}

function exportAll(numbers: readonly Numbers[], size: number): ExportedNumbers[] {
  return numbers.map((each) => each.export(size));
}
