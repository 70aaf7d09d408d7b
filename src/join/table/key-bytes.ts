// Hot path. The key of a record as bytes that are the same for equal keys only, as `identityOf` in join/key.ts tells them apart.
// Of texts without escapes and of short integers these are the bytes of the record; all else is parsed and written anew.
import { parseJson, stringifyJson, type Json } from '../../envelope/json.ts';
import { identityOf } from '../../record/identity.ts';

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const backslash = 0x5c;
const smallN = 0x6e;
/** Integers of so many digits are numbers, and those of more than one more beyond 2^53. */
const safeDigits = 15;

export class KeyBytes {
  /** Of several fields they stand one behind the other, with commas between them. */
  readonly #isAlone: boolean;
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  length = 0;

  /** `fields` is of how many a key consists. */
  constructor(fields: number) {
    this.#isAlone = fields === 1;
  }

  clear(): void {
    this.length = 0;
  }

  /** Adds the value from `start` to `end`; false where it is null. Throws SyntaxError where it is none. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    const first = bytes[start] as number;
    if (first === quote ? isPlainText(bytes, start + 1, end - 1) : isPlainInteger(bytes, start, end))
      this.#copy(bytes, start, end);
    else if (first === smallN && end - start === 4) return false;
    else return this.addJson(parseJson(Buffer.from(bytes.subarray(start, end)).toString('utf8')));
    return true;
  }

  /** The same of a value that is parsed. */
  addJson(value: Json): boolean {
    if (value === null) return false;
    const text = Buffer.from(this.#isAlone ? aloneText(value) : stringifyJson(value));
    this.#copy(text, 0, text.length);
    return true;
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.length + (end - start) + 1;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(2 * needed);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    const { bytes: own } = this;
    let at = this.length;
    if (at > 0) own[at++] = comma;
    for (let from = start; from < end; from += 1) own[at++] = bytes[from] as number;
    this.length = at;
  }
}

/** A key of one field tells integers beyond 2^53 from numbers that happen to be as large. */
function aloneText(value: Json): string {
  const identity = identityOf(value);
  return typeof identity === 'bigint' ? `${identity}n` : stringifyJson(identity);
}

function isPlainText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte === backslash || byte === quote || byte < 0x20) return false;
  }
  return end >= start && bytes[end] === quote;
}

function isPlainInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === minus ? start + 1 : start;
  const digits = end - first;
  if (digits === 0 || digits > safeDigits || (bytes[first] === zero && end - start > 1)) return false;
  for (let at = first; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte < zero || byte > nine) return false;
  }
  return true;
}
