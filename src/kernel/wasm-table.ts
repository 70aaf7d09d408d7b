// A table in the memory of the WebAssembly kernel.

import { placeColumns, placeFields, placeFormat } from './describe.ts';
import type {
  Columns,
  EncodedRows,
  Entered,
  FaultKind,
  Fields,
  Group,
  GroupValue,
  Reading,
  RowFormat,
  Table,
  TableSettings,
  Tally,
} from './kernel.ts';
import type { Memory } from './memory.ts';
import { headBytes, readHead } from './exported.ts';
import { settled } from './settled.ts';

/** In the order of the numbers in assembly/result.ts. */
const faultKinds: readonly (FaultKind | undefined)[] = [
  undefined,
  'not-string',
  'malformed',
  'not-canonical',
  'not-object',
  'too-deep',
];

/** As in assembly/list.ts. */
const recordEnd = 0xffffffff;

/**
 * Bytes of an exported table that the kernel is given in one call: they stay in a core's cache, and V8 exchanges code that it has
 * compiled in haste only between two calls.
 */
const absorbedAtOnce = 128 * 1024;

export class WasmTable implements Table {
  readonly #memory: Memory;
  readonly #table: number;
  readonly #values: number;
  readonly #read: number;
  /** One bit for each value whose numbers are listed. */
  readonly #listed: number;
  readonly #ends: boolean;

  readonly #hasExtremes: boolean;

  constructor(memory: Memory, settings: TableSettings) {
    const { values = 0, read = values, maxKeys = Infinity, listed = [], ends = false } = settings;
    const { hasExtremes = true } = settings;
    this.#memory = memory;
    this.#values = values;
    this.#read = read;
    this.#listed = listed.reduce((bits, value) => bits | (1 << value), 0);
    this.#ends = ends;
    this.#table = memory.exports.createTable(values, Math.min(maxKeys, 0xffffffff), hasExtremes ? 1 : 0);
    this.#hasExtremes = hasExtremes;
  }

  get size(): number {
    return this.#memory.exports.sizeOf(this.#table) >>> 0;
  }

  get overflowed(): boolean {
    return this.#memory.exports.hasOverflow(this.#table) !== 0;
  }

  countWords(text: Uint8Array): void {
    this.#memory.exports.countWords(this.#table, this.#memory.place(text), text.length);
  }

  countPayload(payload: Uint8Array): Reading {
    const at = this.#memory.place(payload);
    return this.#reading(this.#memory.exports.countPayload(this.#table, at, payload.length));
  }

  addRows(rows: Uint8Array, format: RowFormat): Reading {
    const cells = placeFormat(this.#memory, format);
    const at = this.#memory.place(rows);
    return this.#reading(this.#memory.exports.addRows(this.#table, cells, at, rows.length));
  }

  addLines(text: Uint8Array, columns: Columns): Tally {
    const described = this.#described(columns, placeColumns);
    this.#memory.exports.addLines(this.#table, described, this.#memory.place(text), text.length);
    return this.#tally(0);
  }

  addStrings(payload: Uint8Array, columns: Columns): Tally {
    const described = this.#described(columns, placeColumns);
    const at = this.#memory.place(payload);
    return this.#tally(this.#memory.exports.addStrings(this.#table, described, at, payload.length));
  }

  addObjects(input: Uint8Array, fields: Fields, layout: 'lines' | 'array'): Tally {
    const described = this.#described(fields, placeFields);
    const at = this.#memory.place(input);
    const isArray = layout === 'array' ? 1 : 0;
    return this.#tally(this.#memory.exports.addObjects(this.#table, described, at, input.length, isArray));
  }

  forEachListed(each: (group: number, value: number, number: number) => void): void {
    this.#forEach(false, each);
  }

  forEachEnd(each: (group: number, end: number) => void): void {
    this.#forEach(true, (group, _value, end) => each(group, end));
  }

  #forEach(isEnd: boolean, each: (group: number, value: number, number: number) => void): void {
    const data = this.#memory.data();
    const start = this.#memory.exports.listAt() >>> 0;
    const end = start + (this.#memory.exports.listBytes() >>> 0);
    for (let at = start; at < end; at += 16) {
      const value = data.getUint32(at + 4, true);
      if ((value === recordEnd) !== isEnd) continue;
      each(data.getInt32(at, true), value, data.getFloat64(at + 8, true));
    }
  }

  groupOf(key: Uint8Array): number {
    return this.#memory.exports.groupOf(this.#table, this.#memory.place(key), key.length);
  }

  count(group: number, times: number): void {
    this.#check(group);
    this.#memory.exports.countGroup(this.#table, group, times);
  }

  add(group: number, value: number, number: number): void {
    this.#check(group);
    if (value >= this.#values) throw new RangeError(`Value ${value} of ${this.#values}`);
    this.#memory.exports.addToGroup(this.#table, group, value, number);
  }

  group(group: number): Group {
    this.#check(group);
    const memory = this.#memory;
    const entry = memory.exports.entryOfGroup(this.#table, group) >>> 0;
    const data = memory.data();
    const values: GroupValue[] = [];
    for (let index = 0; index < this.#values; index++) {
      const at = memory.exports.valueOf(this.#table, entry, index) >>> 0;
      values.push({
        count: data.getFloat64(at, true),
        ...settled(data.getFloat64(at + 8, true), data.getFloat64(at + 16, true)),
        least: this.#hasExtremes ? data.getFloat64(at + 24, true) : Infinity,
        greatest: this.#hasExtremes ? data.getFloat64(at + 32, true) : -Infinity,
      });
    }
    return {
      key: memory.view(memory.exports.keyOf(entry) >>> 0, data.getUint32(entry + 16, true)).slice(),
      count: Number(data.getBigUint64(entry + 24, true)),
      values,
    };
  }

  keyText(group: number): string {
    this.#check(group);
    const { exports } = this.#memory;
    const entry = exports.entryOfGroup(this.#table, group) >>> 0;
    return this.#memory.latin1(exports.keyOf(entry) >>> 0, exports.lengthOf(entry) >>> 0);
  }

  order(): void {
    this.#memory.exports.orderTable(this.#table);
  }

  hasPlainRows(isJson: boolean): boolean {
    return this.#memory.exports.hasPlainRows(this.#table, isJson ? 1 : 0) !== 0;
  }

  setResults(results: Float64Array): void {
    const at = this.#memory.exports.resultsOf(this.#table, this.size === 0 ? 0 : results.length / this.size);
    this.#memory
      .view(at >>> 0, results.byteLength)
      .set(new Uint8Array(results.buffer, results.byteOffset, results.byteLength));
  }

  rows(format: RowFormat, row: number, capacity: number, following = false): EncodedRows {
    const memory = this.#memory;
    const cells = placeFormat(memory, format);
    const out = memory.outputArea(capacity);
    memory.exports.writeRows(this.#table, cells, row, out, capacity, following ? 1 : 0);
    const next = memory.exports.consumed.value >>> 0;
    return {
      bytes: memory.view(out, memory.exports.produced.value >>> 0),
      rows: memory.exports.records.value >>> 0,
      next,
      done: next >= this.size + (this.overflowed ? 1 : 0),
    };
  }

  export(): ArrayBuffer {
    return this.#export((block) => this.#memory.exports.exportTable(this.#table, block));
  }

  absorb(exported: ArrayBuffer): Uint32Array {
    const { rows, hasOverflow } = readHead(exported, this.#values);
    const groups = this.#memory.outputArea(4 * rows);
    let size = absorbedAtOnce;
    let at = headBytes;
    for (let row = 0; row < rows;) {
      const bytes = new Uint8Array(exported, at, Math.min(size, exported.byteLength - at));
      const read = this.#absorbRows(bytes, rows - row, groups + 4 * row, hasOverflow && row === 0);
      row += read.rows;
      at += read.bytes;
      // A row that is longer, or not there.
      if (read.rows === 0) size *= 2;
      if (read.rows === 0 && bytes.length === exported.byteLength - at)
        throw new RangeError('These bytes are an exported table that was cut off');
    }
    return this.#memory.words(groups, rows);
  }

  #absorbRows(
    bytes: Uint8Array,
    most: number,
    groups: number,
    isOverflow: boolean,
  ): { rows: number; bytes: number } {
    const { exports } = this.#memory;
    const at = this.#memory.place(bytes);
    exports.absorbRows(this.#table, at, bytes.length, most, groups, isOverflow ? 1 : 0);
    return { rows: exports.records.value >>> 0, bytes: exports.consumed.value >>> 0 };
  }

  merge(other: Table): Uint32Array {
    const from = this.#sibling(other);
    const groups = this.#memory.outputArea(from.size * 4);
    this.#memory.exports.mergeTable(this.#table, from.#table, groups);
    return this.#memory.words(groups, from.size);
  }

  enter(other: Table): Entered {
    const from = this.#sibling(other);
    const groups = this.#memory.outputArea(from.size * 4);
    const bound = this.#memory.exports.enterTable(this.#table, from.#table, groups);
    return { groups: this.#memory.words(groups, from.size), bound };
  }

  leave(): Uint32Array | undefined {
    const before = this.#memory.outputArea(this.size * 4);
    const isNew = this.#memory.exports.leaveTable(this.#table, before) !== 0;
    return isNew ? this.#memory.words(before, this.size) : undefined;
  }

  exportEntered(place: number): ArrayBuffer {
    return this.#export((block) => this.#memory.exports.exportEntered(this.#table, place, block));
  }

  clear(): void {
    this.#memory.exports.clearTable(this.#table);
  }

  free(): void {
    this.#memory.exports.freeTable(this.#table);
  }

  /** What `write` writes, which is all of the table at the most, and returns the length of. */
  #export(write: (block: number) => number): ArrayBuffer {
    const { exports } = this.#memory;
    const room = exports.exportBytes(this.#table);
    if (room > 0x80000000) throw new RangeError(`A table of ${room} bytes is too large to be handed over`);
    const block = exports.allocate(room) >>> 0;
    const length = write(block) >>> 0;
    const copy = exports.memory.buffer.slice(block, block + length);
    exports.release(block, room);
    return copy;
  }

  /** A table that lies in the same memory and has as many values. */
  #sibling(other: Table): WasmTable {
    const isSibling =
      other instanceof WasmTable &&
      other.#memory === this.#memory &&
      other.#values === this.#values &&
      other.#hasExtremes === this.#hasExtremes;
    if (isSibling) return other;
    throw new RangeError('Only tables of one kernel with the same values can be merged');
  }

  #check(group: number): void {
    if (group === -1 ? !this.overflowed : !(group >= 0 && group < this.size))
      throw new RangeError(`No group ${group}`);
  }

  #described<Wanted extends Columns | Fields>(
    wanted: Wanted,
    place: (memory: Memory, wanted: Wanted) => number,
  ): number {
    if (wanted.values.length !== this.#read) {
      throw new RangeError(`${wanted.values.length} values for a table of ${this.#read}`);
    }
    this.#memory.exports.readValues(this.#read, this.#listed, this.#ends ? 1 : 0);
    return place(this.#memory, wanted);
  }

  #tally(kind: number): Tally {
    return { ...this.#reading(kind), notNumbers: this.#memory.exports.damaged.value >>> 0 };
  }

  #reading(kind: number): Reading {
    const { records, faultOffset, faultRecord } = this.#memory.exports;
    const fault = faultKinds[kind];
    if (fault === undefined) return { records: records.value >>> 0 };
    const record = faultRecord.value >>> 0;
    return { records: record, fault: { kind: fault, offset: faultOffset.value >>> 0, record } };
  }
}
