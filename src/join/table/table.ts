// The rows of a table made ready to be put behind records: their members as bytes, with the prefix and without the key, found by the
// key. Rows come as payloads, whatever they were read from, and are only looked at: no object is made of a plain one.
import { parseJson, stringifyJson, type Json } from '../../envelope/json.ts';
import { damagedPart } from '../../envelope/records.ts';
import { SluiceError } from '../../errors.ts';
import { closest } from '../../command/suggest.ts';
import { describe } from '../../record/messages.ts';
import { keyOf, type KeyField } from '../key.ts';
import { KeyBytes } from './key-bytes.ts';
import { copyBytes, KeyedRows } from './keyed-rows.ts';
import { mostNames, ObjectScanner } from './object-scanner.ts';

/** What of its rows a table holds. */
export type TablePlan = {
  /** How messages call the table. */
  readonly name: string;
  readonly keys: readonly KeyField[];
  readonly prefix: string;
  /** False where all that matters is which keys there are. */
  readonly holdsMembers: boolean;
  /** Bytes that it may take. */
  readonly maxSize: number;
};

export type Table = {
  readonly rows: KeyedRows;
  /** What its members are called, with the prefix. */
  readonly names: ReadonlySet<string>;
};

const comma = 0x2c;

export class TableBuilder {
  readonly #plan: TablePlan;
  readonly #rows: KeyedRows;
  readonly #scanner = new ObjectScanner();
  readonly #key: KeyBytes;
  /** Fields that are members of members are looked up in the parsed row. */
  readonly #hasPlainKeys: boolean;
  readonly #keyNames: ReadonlySet<string>;
  readonly #names = new Set<string>();
  /** What stands in front of a member's value, by the number of its name. */
  readonly #heads: Buffer[] = [];
  /** The row in which each name came last: one that has a name twice is for JSON.parse. */
  readonly #seen = new Float64Array(mostNames);
  /** Which member of the row at hand each key is. */
  readonly #places: Int32Array;
  #members: Buffer<ArrayBuffer> = Buffer.allocUnsafe(4096);
  #length = 0;
  #count = 0;
  #hasKey: boolean[];
  #firstNames: readonly string[] = [];

  /** `size` is a guess at the bytes that it will take. */
  constructor(plan: TablePlan, size: number) {
    this.#plan = plan;
    this.#rows = new KeyedRows(Math.min(size, plan.maxSize));
    this.#key = new KeyBytes(plan.keys.length);
    this.#hasPlainKeys = plan.keys.every(({ name }) => isPlainName(name));
    this.#keyNames = new Set(plan.keys.map(({ name }) => name));
    this.#places = new Int32Array(plan.keys.length);
    this.#hasKey = plan.keys.map(() => false);
    for (const { name } of plan.keys) this.#scanner.number(name);
  }

  /** Bytes so far. */
  get size(): number {
    return this.#rows.size;
  }

  /** Adds rows: the inside of a JSON array of `count` of them. */
  add(payload: Buffer, count: number): void {
    for (let start = 0, row = 0; row < count; row += 1, start = this.#scanner.end + 1) {
      const isPlain = this.#scanner.scan(payload, start);
      if ((this.#scanner.end === payload.length) !== (row === count - 1))
        throw damagedPart({ n: count }, `its records are not as many as field 'n' says, ${count}`);
      this.#count += 1;
      if (this.#count === 1) this.#look(payload, start);
      if (!isPlain || !this.#hasPlainKeys || !this.#addPlain(payload)) this.#addParsed(payload, start);
    }
  }

  /** Throws SluiceError('badData') where no row has the key. */
  finish(): Table {
    const missing = this.#hasKey.indexOf(false);
    if (this.#count > 0 && missing !== -1) {
      const { name } = this.#plan.keys[missing] as KeyField;
      const guess = closest(name, this.#firstNames);
      throw new SluiceError(
        'badData',
        `no row of ${this.#plan.name} has a field '${name}'`,
        guess === undefined
          ? `it has: ${this.#firstNames.join(', ')}; --on NAME=FIELD is for keys that have another name in the table`
          : `did you mean '${guess}'?`,
      );
    }
    return { rows: this.#rows, names: this.#names };
  }

  /** The row that was scanned, from its bytes; false where that takes more. */
  #addPlain(bytes: Buffer): boolean {
    const { names, starts, ends, count } = this.#scanner;
    const places = this.#places.fill(-1);
    this.#length = 0;
    for (let member = 0; member < count; member += 1) {
      const name = names[member] as number;
      if (name === -1) return false;
      if (name < places.length) {
        if (places[name] !== -1) return false;
        places[name] = member;
      } else if (this.#plan.holdsMembers) {
        if (this.#seen[name] === this.#count) return false;
        this.#seen[name] = this.#count;
        this.#addMember(name, bytes, starts[member] as number, ends[member] as number);
      }
    }
    this.#key.clear();
    for (let key = 0; key < places.length; key += 1) {
      const member = places[key] as number;
      if (member === -1) return true;
      if (!this.#key.add(bytes, starts[member] as number, ends[member] as number)) {
        this.#hasKey[key] = true;
        return true;
      }
      this.#hasKey[key] = true;
    }
    this.#addRow();
    return true;
  }

  #addMember(name: number, bytes: Buffer, start: number, end: number): void {
    const head = this.#heads[name] ?? this.#headOf(name);
    this.#reserve(head.length + end - start + 1);
    const members = this.#members;
    let at = this.#length;
    if (at > 0) members[at++] = comma;
    at = copyBytes(head, 0, head.length, members, at);
    this.#length = copyBytes(bytes, start, end, members, at);
  }

  #headOf(name: number): Buffer {
    const prefixed = this.#plan.prefix + this.#scanner.nameOf(name);
    this.#names.add(prefixed);
    return (this.#heads[name] = Buffer.from(`${JSON.stringify(prefixed)}:`));
  }

  #addParsed(bytes: Buffer, start: number): void {
    const row = parseRow(bytes, start, this.#scanner.end);
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new SluiceError(
        'badData',
        `${this.#plan.name}, row ${this.#count}: a row of a table is an object, and this is ${describe(row)}`,
        'a table is taken whole or not at all',
      );
    this.#key.clear();
    let isWhole = true;
    for (const [index, value] of keyOf(this.#plan.keys, row).entries()) {
      this.#hasKey[index] ||= value !== null || Object.hasOwn(row, this.#plan.keys[index]?.name ?? '');
      isWhole &&= this.#key.addJson(value);
    }
    if (!isWhole) return;
    this.#length = 0;
    if (this.#plan.holdsMembers) {
      const members = Object.entries(row).filter(([name]) => !this.#keyNames.has(name));
      for (const [name] of members) this.#names.add(this.#plan.prefix + name);
      const text = members
        .map(([name, value]) => `${JSON.stringify(this.#plan.prefix + name)}:${stringifyJson(value)}`)
        .join(',');
      this.#reserve(3 * text.length);
      this.#length = this.#members.write(text);
    }
    this.#addRow();
  }

  #addRow(): void {
    this.#rows.add(this.#key.bytes, this.#key.length, this.#members, this.#length);
    if (this.#rows.size > this.#plan.maxSize) throw new TableTooLarge();
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#members.length) return;
    const grown = Buffer.allocUnsafe(2 * needed);
    grown.set(this.#members.subarray(0, this.#length));
    this.#members = grown;
  }

  /** At the first row, which says whether these are rows at all. */
  #look(bytes: Buffer, start: number): void {
    const row = parseRow(bytes, start, this.#scanner.end);
    this.#firstNames = typeof row === 'object' && row !== null ? Object.keys(row) : [];
    const has = (name: string): boolean => this.#firstNames.includes(name);
    if (!has('records') || !(has('v') || has('batch'))) return;
    throw new SluiceError(
      'badData',
      `${this.#plan.name} holds envelopes: it is a stream`,
      'two streams are joined by time: join --with STREAM --on KEY --within 10m --time at',
    );
  }
}

/** Who reads the table knows how much is left of it. */
export class TableTooLarge extends Error {}

/** A member of a record itself: no column of a line, no member of a member. */
export function isPlainName(name: string): boolean {
  return !name.startsWith('$') && !name.includes('.');
}

function parseRow(bytes: Buffer, start: number, end: number): Json {
  return parseJson(bytes.toString('utf8', start, end));
}
