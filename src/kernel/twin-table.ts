// A keyed table in plain TypeScript, the twin of assembly/table.ts and what works on it.

import { isUtf8 } from 'node:buffer';
import type {
  Columns,
  EncodedRows,
  Entered,
  Fields,
  Group,
  Reading,
  RowFormat,
  Table,
  TableSettings,
  Tally,
} from './kernel.ts';
import { settled } from './settled.ts';
import { exportGroups, importGroups } from './twin-export.ts';
import { readLines, readObjects, readStrings } from './twin-fields.ts';
import type { AddRecord } from './twin-fields.ts';
import { TwinGroup, type TwinValue } from './twin-group.ts';
import { readPayload, readWords } from './twin-read.ts';
import { readRow, writeRow } from './twin-rows.ts';

export class TwinTable implements Table {
  readonly #values: number;
  readonly #read: number;
  readonly #hasExtremes: boolean;
  readonly #maxKeys: number;
  readonly #listed: ReadonlySet<number>;
  readonly #endsListed: boolean;
  #list: [number, number, number][] = [];
  #ends: [number, number][] = [];
  readonly #groups: TwinGroup[] = [];
  readonly #numbers = new Map<string, number>();
  #overflow: TwinGroup | undefined;
  #ordered: TwinGroup[] = [];
  /** Groups that count nothing have left. */
  #isSubtracted = false;
  /** What entered and has not left, oldest first. */
  #entered: TwinGroup[][] = [];

  constructor(settings: TableSettings) {
    const { values = 0, read = values, maxKeys = Infinity, listed = [], ends = false } = settings;
    const { hasExtremes = true } = settings;
    this.#endsListed = ends;
    this.#hasExtremes = hasExtremes;
    this.#values = values;
    this.#read = read;
    this.#listed = new Set(listed);
    this.#maxKeys = maxKeys;
  }

  get size(): number {
    return this.#groups.length;
  }

  get overflowed(): boolean {
    return this.#overflow !== undefined;
  }

  countWords(text: Uint8Array): void {
    for (const word of readWords(text)) this.#find(word).count++;
  }

  countPayload(payload: Uint8Array): Reading {
    return readPayload(payload, (word) => this.#find(word).count++);
  }

  addRows(rows: Uint8Array, format: RowFormat): Reading {
    const text = Buffer.from(rows).toString('latin1');
    const isValid = isUtf8(rows);
    let at = 0;
    let records = 0;
    while (at < text.length) {
      const row = isValid ? readRow(text, at, format) : undefined;
      const isEnd = row?.end === text.length;
      if (row === undefined || !(isEnd || (text[row.end] === ',' && row.end + 1 < text.length))) {
        return { records, fault: { kind: 'not-canonical', offset: at, record: records } };
      }
      row.apply(this.#find(row.key));
      at = row.end + 1;
      records++;
    }
    return { records };
  }

  addLines(text: Uint8Array, columns: Columns): Tally {
    this.#check(columns);
    this.#list = [];
    return readLines(text, columns, this.#addRecord);
  }

  addStrings(payload: Uint8Array, columns: Columns): Tally {
    this.#check(columns);
    this.#list = [];
    return readStrings(payload, columns, this.#addRecord);
  }

  addObjects(input: Uint8Array, fields: Fields, layout: 'lines' | 'array'): Tally {
    this.#check(fields);
    this.#list = [];
    this.#ends = [];
    return readObjects(input, fields, layout, this.#addRecord);
  }

  forEachListed(each: (group: number, value: number, number: number) => void): void {
    for (const entry of this.#list) each(...entry);
  }

  forEachEnd(each: (group: number, end: number) => void): void {
    for (const entry of this.#ends) each(...entry);
  }

  groupOf(key: Uint8Array): number {
    const group = this.#find(Buffer.from(key).toString('latin1'));
    return group === this.#overflow ? -1 : (this.#numbers.get(group.key) ?? -1);
  }

  count(group: number, times: number): void {
    this.#at(group).count += times;
  }

  add(group: number, value: number, number: number): void {
    const kept = this.#at(group).values[value];
    if (kept === undefined) throw new RangeError(`Value ${value} of ${this.#values}`);
    kept.add(number);
  }

  group(group: number): Group {
    const { key, count, values } = this.#at(group);
    return {
      key: new Uint8Array(Buffer.from(key, 'latin1')),
      count,
      values: values.map(({ count: many, sum: running, lost: behind, least, greatest }) => {
        const { sum, lost } = settled(running, behind);
        return { count: many, sum, lost, least, greatest };
      }),
    };
  }

  keyText(group: number): string {
    return this.#at(group).key;
  }

  order(): void {
    this.#ordered = this.#live().toSorted((left, right) => (left.key < right.key ? -1 : 1));
  }

  hasPlainRows(isJson: boolean): boolean {
    const sums = this.#groups.flatMap(({ values }) => values.map(({ sum }) => Math.abs(sum)));
    if (this.#overflow !== undefined || !sums.every((sum) => sum <= Number.MAX_SAFE_INTEGER)) return false;
    const keys = this.#groups.map(({ key }) => key);
    if (!isJson) return keys.every((key) => key !== '' && key !== '-');
    // What is in each part's place: strings, or something else.
    const kinds = new Map<number, boolean>();
    return keys.every((key) =>
      (key === '' ? [] : key.split('\0')).every((part, index) => {
        const isString = part.startsWith('"');
        if (index >= 8 || (kinds.get(index) ?? isString) !== isString) return false;
        kinds.set(index, isString);
        return !isString || !/[\0-!\\]/.test(part);
      }),
    );
  }

  setResults(results: Float64Array): void {
    const each = results.length / this.#groups.length;
    for (const [index, group] of this.#groups.entries())
      group.results = [...results.subarray(index * each, (index + 1) * each)];
  }

  rows(format: RowFormat, row: number, capacity: number, following = false): EncodedRows {
    const live = this.#live();
    const inOrder = this.#ordered.length === live.length ? this.#ordered : live;
    const groups = this.#overflow === undefined ? inOrder : [...inOrder, this.#overflow];
    let text = '';
    let next = row;
    for (const group of groups.slice(row)) {
      const comma = following || next > row ? ',' : '';
      const encoded = comma + writeRow(group, group === this.#overflow, format);
      if (text.length + encoded.length > capacity) break;
      text += encoded;
      next++;
    }
    return { bytes: Buffer.from(text, 'latin1'), rows: next - row, next, done: next >= groups.length };
  }

  export(): ArrayBuffer {
    return exportGroups(this.#groups, this.#overflow, this.#values);
  }

  absorb(exported: ArrayBuffer): Uint32Array {
    const groups = importGroups(exported, this.#values).map(({ group, isOverflow }) => {
      const into = isOverflow ? this.#beyond() : this.#find(group.key);
      into.merge(group);
      return into === this.#overflow ? -1 : (this.#numbers.get(into.key) ?? -1);
    });
    return Uint32Array.from(groups);
  }

  merge(other: Table): Uint32Array {
    if (other instanceof TwinTable && other.#hasExtremes !== this.#hasExtremes)
      throw new RangeError('Only tables of one kernel with the same values can be merged');
    const groups = this.absorb(other.export());
    return other.overflowed ? groups.slice(1) : groups;
  }

  enter(other: Table): Entered {
    const groups = this.merge(other);
    const entered = importGroups(other.export(), this.#values).filter(({ isOverflow }) => !isOverflow);
    this.#entered.push(entered.map(({ group }) => group));
    const bound = other.overflowed ? Infinity : exactBound(entered.flatMap(({ group }) => group.values));
    return { groups, bound };
  }

  leave(): Uint32Array | undefined {
    const oldest = this.#entered.shift();
    if (!oldest) return undefined;
    for (const group of oldest) this.#groups[this.#numbers.get(group.key) ?? -1]?.subtract(group);
    this.#isSubtracted = true;
    this.#ordered = [];
    const left = this.#groups.filter(({ count }) => count > 0);
    if (left.length >= this.#groups.length / 2) return undefined;
    const before = Uint32Array.from(left, ({ key }) => this.#numbers.get(key) ?? -1);
    this.#groups.length = 0;
    this.#numbers.clear();
    for (const group of left) {
      this.#numbers.set(group.key, this.#groups.length);
      this.#groups.push(group);
    }
    return before;
  }

  exportEntered(place: number): ArrayBuffer {
    const entered = this.#entered[place] ?? [];
    const left = entered.filter(({ key }) => this.#numbers.has(key));
    return exportGroups(left, undefined, this.#values);
  }

  clear(): void {
    this.#groups.length = 0;
    this.#numbers.clear();
    this.#overflow = undefined;
    this.#ordered = [];
    this.#isSubtracted = false;
    this.#entered = [];
  }

  free(): void {
    this.clear();
  }

  #check(wanted: Columns | Fields): void {
    if (wanted.values.length !== this.#read) {
      throw new RangeError(`${wanted.values.length} values for a table of ${this.#read}`);
    }
  }

  readonly #addRecord: AddRecord = (key, numbers, end) => {
    const group = this.#find(key);
    group.count++;
    if (this.#endsListed && end !== undefined) this.#ends.push([this.#numbers.get(key) ?? -1, end]);
    numbers.forEach((number, index) => {
      if (number === undefined) return;
      group.values[index]?.add(number);
      if (this.#listed.has(index)) this.#list.push([this.#numbers.get(key) ?? -1, index, number]);
    });
  };

  #find(key: string): TwinGroup {
    const known = this.#groups[this.#numbers.get(key) ?? -1];
    if (known !== undefined) return known;
    if (this.#groups.length >= this.#maxKeys) return this.#beyond();
    const group = new TwinGroup(key, this.#values, this.#hasExtremes);
    this.#numbers.set(key, this.#groups.length);
    this.#groups.push(group);
    return group;
  }

  /** Those that have a row. */
  #live(): TwinGroup[] {
    return this.#isSubtracted ? this.#groups.filter(({ count }) => count > 0) : this.#groups;
  }

  #beyond(): TwinGroup {
    this.#overflow ??= new TwinGroup('_other', this.#values, this.#hasExtremes);
    return this.#overflow;
  }

  #at(number: number): TwinGroup {
    const group = number === -1 ? this.#overflow : this.#groups[number];
    if (group === undefined) throw new RangeError(`No group ${number}`);
    return group;
  }
}

function exactBound(values: readonly TwinValue[]): number {
  if (!values.every(({ sum, lost }) => lost === 0 && Number.isSafeInteger(sum))) return Infinity;
  return Math.max(0, ...values.map(({ sum }) => Math.abs(sum)));
}
