// Hot path. The records of a part and their partners in a table, found from bytes. Where it is not plain to see what the key is (an
// escape in a name, a member of a member, a column of a line), that record is parsed.
import type { Envelope } from '../../envelope/envelope.ts';
import { parseJson, type Json } from '../../envelope/json.ts';
import { damagedPart } from '../../envelope/records.ts';
import { keyOf, type KeyField } from '../key.ts';
import { isObject, noObject, sharedName } from '../rows.ts';
import { KeyBytes } from './key-bytes.ts';
import { ObjectScanner } from './object-scanner.ts';
import { isPlainName, type Table } from './table.ts';

const unknown = -1;

export class Partners {
  readonly #table: Table;
  readonly #keys: readonly KeyField[];
  readonly #key: KeyBytes;
  readonly #scanner = new ObjectScanner();
  readonly #hasPlainKeys: boolean;
  /** Records leave as they came, so that they may be lines of text, and have names in common with their partners. */
  readonly #keeps: boolean;
  /** Names up to here are those of the key or, from there up to `#clashesUpTo`, those of rows of the table. */
  readonly #keysUpTo: number;
  readonly #clashesUpTo: number;
  readonly #places: Int32Array;
  #envelope: Envelope | undefined;
  payload: Buffer = Buffer.alloc(0);
  #index = 0;
  /** The record at hand: from `start` to `end`; another member can be put in at `close`. */
  start = 0;
  end = -1;
  close = 0;
  /** Whether something stands in front of `close`. */
  hasMembers = false;
  /** The first row that is its partner, or 0. */
  row = 0;
  #hasKey = false;
  /** Why it cannot be joined. */
  fault: string | undefined;

  constructor(table: Table, keys: readonly KeyField[], keeps: boolean) {
    this.#table = table;
    this.#keys = keys;
    this.#key = new KeyBytes(keys.length);
    this.#places = new Int32Array(keys.length);
    this.#hasPlainKeys = keys.every(({ name }) => isPlainName(name));
    this.#keeps = keeps;
    for (const { name } of keys) this.#scanner.number(name);
    this.#keysUpTo = this.#scanner.known;
    for (const name of keeps ? [] : table.names) this.#scanner.number(name);
    this.#clashesUpTo = this.#scanner.known;
  }

  begin(envelope: Envelope, payload: Buffer): void {
    this.#envelope = envelope;
    this.payload = payload;
    this.#index = 0;
    this.end = -1;
  }

  /** Goes to the next record; false where there is none. Throws SluiceError('badData') for a part that is damaged. */
  next(): boolean {
    const { n } = (this.#envelope as Envelope).header;
    if (this.#index === n) return false;
    this.#index += 1;
    this.start = this.end + 1;
    const scanner = this.#scanner;
    const isPlain = scanner.scan(this.payload, this.start);
    this.end = scanner.end;
    this.close = scanner.close;
    this.hasMembers = scanner.count > 0;
    if ((this.end === this.payload.length) !== (this.#index === n))
      throw this.#damaged(`its records are not as many as field 'n' says, ${n}`);
    this.fault = undefined;
    this.#hasKey = false;
    const row = isPlain && this.#hasPlainKeys ? this.#rowFromBytes() : unknown;
    this.row = row === unknown ? this.#rowOfParsed() : row;
    return true;
  }

  /** That of the record at hand, as JSON of its values; undefined where it has none. */
  get key(): string | undefined {
    const { bytes, length } = this.#key;
    return this.#hasKey ? Buffer.from(bytes.subarray(0, length)).toString('utf8') : undefined;
  }

  /** The record at hand, parsed. */
  record(): Json {
    try {
      return parseJson(this.payload.toString('utf8', this.start, this.end));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw this.#damaged('its records are no JSON', error);
    }
  }

  #rowFromBytes(): number {
    const { names, starts, ends, count } = this.#scanner;
    const places = this.#places.fill(-1);
    let mayClash = false;
    for (let member = 0; member < count; member += 1) {
      const name = names[member] as number;
      // The last one of a name counts, as for JSON.parse.
      if (name >= 0 && name < this.#keysUpTo) places[name] = member;
      else if (name >= 0 && name < this.#clashesUpTo) mayClash = true;
    }
    const key = this.#key;
    key.clear();
    for (let index = 0; index < places.length; index += 1) {
      const member = places[index] as number;
      if (member === -1) return 0;
      if (!this.#add(starts[member] as number, ends[member] as number)) return 0;
    }
    this.#hasKey = true;
    const row = this.#table.rows.find(key.bytes, key.length);
    return row !== 0 && mayClash ? unknown : row;
  }

  #add(start: number, end: number): boolean {
    try {
      return this.#key.add(this.payload, start, end);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw this.#damaged('its records are no JSON', error);
    }
  }

  #rowOfParsed(): number {
    const record = this.record();
    const isLine =
      typeof record === 'string' && this.#keeps && this.#keys.every(({ name }) => isColumn(name));
    if (!isObject(record) && !isLine) {
      this.fault = noObject(record);
      return 0;
    }
    this.#key.clear();
    for (const value of keyOf(this.#keys, record)) if (!this.#key.addJson(value)) return 0;
    this.#hasKey = true;
    const row = this.#table.rows.find(this.#key.bytes, this.#key.length);
    if (isObject(record) && !this.#keeps) this.fault = this.#clashOf(record, row);
    return this.fault === undefined ? row : 0;
  }

  /** Where the record and one of its partners have a name in common: it is joined with all of them or with none. */
  #clashOf(record: { [key: string]: Json }, first: number): string | undefined {
    const { rows, names } = this.#table;
    const shared = Object.keys(record).filter((name) => names.has(name));
    if (shared.length === 0) return undefined;
    for (let row = first; row !== 0; row = rows.next(row)) {
      const start = rows.start(row);
      const members = Buffer.from(rows.bytes.subarray(start, start + rows.length(row))).toString('utf8');
      const partner = JSON.parse(`{${members}}`) as object;
      const name = shared.find((candidate) => Object.hasOwn(partner, candidate));
      if (name !== undefined) return sharedName(name);
    }
    return undefined;
  }

  #damaged(why: string, cause?: unknown): Error {
    return damagedPart((this.#envelope as Envelope).header, why, cause);
  }
}

function isColumn(name: string): boolean {
  return /^\$\d+$/.test(name);
}
