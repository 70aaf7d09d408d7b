// Hot path. Where the members of an object stand, and where a record ends, in a text with a character for each byte. It walks
// over well-formed JSON; of anything else it says that the record ends where the text does, which does not go with the
// number of records.
const tab = 0x09;
const space = 0x20;
export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;

export class MemberScanner {
  readonly #names: readonly string[];
  /** For each name, where the value of the record's own member begins; -1 where it has none. */
  readonly places: Int32Array;
  /** True where the record is an object, and no name in it is spelled with an escape. */
  isPlain = false;

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => Buffer.from(name).toString('latin1'));
    this.places = new Int32Array(names.length);
  }

  /** Looks at the record that begins at `start`; returns where it ends: at a comma, or at the end of the text. */
  scan(text: string, start: number): number {
    this.places.fill(-1);
    let at = pastSpace(text, start);
    this.isPlain = text.charCodeAt(at) === openBrace;
    if (!this.isPlain) return recordEnd(text, at);
    do {
      at = pastSpace(text, at + 1);
      if (text.charCodeAt(at) !== quote) break;
      const nameAt = at + 1;
      at = stringEnd(text, at);
      const index = this.#find(text, nameAt, at);
      at = pastSpace(text, at + 1);
      if (text.charCodeAt(at) !== colon) return text.length;
      at = pastSpace(text, at + 1);
      // The last one of a name counts, as for JSON.parse.
      if (index !== -1) this.places[index] = at;
      at = pastSpace(text, valueEnd(text, at));
    } while (text.charCodeAt(at) === comma);
    return text.charCodeAt(at) === closeBrace ? behind(text, at + 1) : text.length;
  }

  #find(text: string, start: number, end: number): number {
    for (let at = start; at < end; at += 1) if (text.charCodeAt(at) === backslash) this.isPlain = false;
    for (let index = 0; index < this.#names.length; index += 1) {
      const name = this.#names[index] as string;
      if (name.length === end - start && text.startsWith(name, start)) return index;
    }
    return -1;
  }
}

/** Where a record that begins at `start` ends: at a comma, or at the end of the text. */
export function recordEnd(text: string, start: number): number {
  return behind(text, valueEnd(text, pastSpace(text, start)));
}

export function behind(text: string, valueEndsAt: number): number {
  const at = pastSpace(text, valueEndsAt);
  return text.charCodeAt(at) === comma ? at : text.length;
}

/** The offset behind the value at `start`, or the end of the text. */
export function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return stringEnd(text, start) + 1;
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = stringEnd(text, at);
    else if (unit === openBrace || unit === openBracket) depth += 1;
    else if (unit === closeBrace || unit === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
      if (depth < 0) return at;
    } else if (depth === 0 && (unit === comma || isSpace(unit))) return at;
  }
  return text.length;
}

/** So many characters are looked at one by one before the engine is asked, which costs a call. */
const near = 16;

/** The offset of the quote that closes the string opened at `open`, or the end of the text or more. */
export function stringEnd(text: string, open: number): number {
  const at = closingQuote(text, open + 1, Math.min(open + near, text.length));
  if (text.charCodeAt(at) === quote) return at;
  const found = text.indexOf('"', at);
  if (found === -1) return text.length;
  // What the backslash says depends on those in front of it.
  return text.charCodeAt(found - 1) === backslash ? closingQuote(text, at, text.length) : found;
}

/** From `from`, within a string, to the quote that closes it; or as far as `end`, or one behind. */
function closingQuote(text: string, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const unit = text.charCodeAt(at);
    if (unit === quote) return at;
    at += unit === backslash ? 2 : 1;
  }
  return at;
}

export function pastSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(unit: number): boolean {
  return unit <= space && unit >= tab;
}

const zero = 0x30;
const nine = 0x39;

/** A value as JSON.parse reads it; undefined where that takes more than a look: escapes, other characters than ASCII, long numbers, lists. */
export function plainValue(text: string, start: number): string | number | boolean | null | undefined {
  const first = text.charCodeAt(start);
  if (first === quote) return plainString(text, start);
  const end = valueEnd(text, start);
  if (end - start > 15) return undefined;
  let whole = 0;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < zero || unit > nine)
      return literals.get(text.slice(start, end)) ?? otherNumber(text, start, end);
    whole = whole * 10 + (unit - zero);
  }
  return end > start ? whole : undefined;
}

function plainString(text: string, start: number): string | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) return text.slice(start + 1, at);
    if (unit === backslash || unit > 0x7e) return undefined;
  }
  return undefined;
}

const literals = new Map<string, boolean>([
  ['true', true],
  ['false', false],
]);

function otherNumber(text: string, start: number, end: number): number | null | undefined {
  const digits = text.slice(start, end);
  if (digits === 'null') return null;
  return /^-?\d+(\.\d+)?$/.test(digits) ? Number(digits) : undefined;
}
