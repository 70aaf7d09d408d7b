// Words and their counts, in the kernel: counted from a payload's bytes, without a string for any word.
import type { Envelope } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { decodeRecords } from '../envelope/records.ts';
import { bytesToText, textToBytes } from '../kernel/bytes-text.ts';
import { rowFormat } from '../kernel/format.ts';
import type { RowFormat, Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import type { Rejects } from '../stage/rejects.ts';
import { describe, placeOf } from '../record/messages.ts';
import type { Group } from './groups.ts';
import { rowsOfTable } from './kernel-rows.ts';
import type { Exported } from './listed-states.ts';
import type { ReducePlan } from './plan.ts';
import { isOverflowKey, makeOverflowKey, overflowKey, splitOverflow } from './overflow.ts';
import type { Part, RowTable } from './row-table.ts';
import type { Rows, RowSettings } from './rows.ts';

export class WordTable implements RowTable {
  readonly #takesRows: boolean;
  readonly #keyName: string;
  readonly #countName: string;
  readonly #format: RowFormat;
  readonly #table: Table;

  constructor({ takes, keys, columns, maxKeys }: ReducePlan) {
    this.#table = processKernel().createTable({ ...(maxKeys !== undefined && { maxKeys }) });
    this.#takesRows = takes === 'rows';
    this.#keyName = keys[0]?.name ?? '';
    this.#countName = columns[0]?.name ?? '';
    this.#format = formatOf(this.#keyName, this.#countName);
  }

  fold(part: Part, rejects: Rejects): void {
    if (part.folded) return this.absorb(part.folded);
    if (!this.#takesRows) return this.#fold(part, rejects);
    const { rest, overflow } = splitOverflow(part);
    this.#fold(rest, rejects);
    if (!overflow) return;
    const reason = this.#addRow(overflow.row, (_, count) => this.#addOverflow(count));
    if (reason !== undefined) rejects.reject(overflow.row, placeOf(part.header, overflow.index), reason);
  }

  #fold(envelope: Envelope, rejects: Rejects): void {
    const { header, payload } = envelope;
    const { records, fault } = this.#takesRows
      ? this.#table.addRows(payload, this.#format)
      : this.#table.countPayload(payload);
    if (!fault && records === header.n) return;
    // What is not canonical, not text, or not JSON at all is rare: the rest of the part, one by one.
    const all = decodeRecords(envelope);
    for (let index = fault ? fault.record : all.length; index < all.length; index += 1) {
      const record = all[index] ?? null;
      const reason = this.#takesRows ? this.#addRow(record) : this.#addLine(record);
      if (reason !== undefined) rejects.reject(record, placeOf(header, index), reason);
    }
  }

  merge(other: RowTable): void {
    if (!(other instanceof WordTable)) throw new TypeError('words can be merged with words only');
    this.#table.merge(other.#table);
  }

  add({ key, states: [count] }: Group): void {
    if (isOverflowKey(key)) this.#addOverflow(count as number);
    else this.#table.count(this.#table.groupOf(Buffer.from(key[0] as string)), count as number);
  }

  *groups(): Generator<Group> {
    for (let index = 0; index < this.#table.size; index += 1) {
      const { key, count } = this.#table.group(index);
      yield {
        key: [Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8')],
        states: [count],
        records: count,
      };
    }
    if (!this.#table.overflowed) return;
    const { count } = this.#table.group(-1);
    yield { key: makeOverflowKey(1), states: [count], records: count };
  }

  enter(other: RowTable): number {
    if (!(other instanceof WordTable)) throw new TypeError('words can be merged with words only');
    const { bound } = this.#table.enter(other.#table);
    if (bound < Number.POSITIVE_INFINITY) other.#table.clear();
    return bound;
  }

  leave(): void {
    this.#table.leave();
  }

  copyEntered(place: number, other: RowTable): void {
    if (!(other instanceof WordTable)) throw new TypeError('words can be merged with words only');
    other.#table.absorb(this.#table.exportEntered(place));
  }

  snapshotEntered(place: number): Json {
    return bytesToText(this.#table.exportEntered(place));
  }

  snapshot(): Json {
    return bytesToText(this.#table.export());
  }

  restore(snapshot: Json): void {
    this.#table.absorb(textToBytes(snapshot as string));
  }

  /** Counts the words of raw lines. */
  addLines(lines: Buffer): boolean {
    this.#table.countWords(lines);
    return true;
  }

  /** Counts the words of a payload of `count` lines. False where one is no text. */
  addPayload(payload: Buffer, count: number): boolean {
    const { records, fault } = this.#table.countPayload(payload);
    return !fault && records === count;
  }

  /** Groups in the kernel. */
  get size(): number {
    return this.#table.size;
  }

  /** Adds a table that another thread exported. */
  absorb({ table }: Pick<Exported, 'table'>): void {
    this.#table.absorb(table);
  }

  rows({ partSize }: RowSettings): Iterable<Rows> {
    return rowsOfTable(this.#table, this.#format, partSize);
  }

  free(): void {
    this.#table.free();
  }

  #addLine(record: Json): string | undefined {
    if (typeof record !== 'string') return `--words needs text, and this is ${describe(record)}`;
    this.#table.countWords(Buffer.from(record));
    return undefined;
  }

  #addRow(
    record: Json,
    add = (word: string, count: number): void =>
      this.#table.count(this.#table.groupOf(Buffer.from(word)), count),
  ): string | undefined {
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      return `a reduced row is an object, and this is ${describe(record)}`;
    const [word, count] = [record[this.#keyName], record[this.#countName]];
    if (typeof word !== 'string') return `column '${this.#keyName}' has to be text`;
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
      return `column '${this.#countName}' is no result of count`;
    add(word, count);
    return undefined;
  }

  /** By way of a table that keeps no keys, since this one may be without a bound. */
  #addOverflow(count: number): void {
    const other = processKernel().createTable({ maxKeys: 0 });
    other.count(other.groupOf(Buffer.from(overflowKey)), count);
    this.#table.absorb(other.export());
    other.free();
  }
}

/** The kernel keeps each format that it is given, so tables of the same columns share one. */
const formats = new Map<string, RowFormat>();

function formatOf(keyName: string, countName: string): RowFormat {
  const name = JSON.stringify([keyName, countName]);
  let format = formats.get(name);
  if (!format) {
    format = rowFormat([
      { name: keyName, kind: 'key' },
      { name: countName, kind: 'count' },
    ]);
    formats.set(name, format);
  }
  return format;
}
