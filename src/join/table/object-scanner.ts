// Hot path. Where the members of an object stand in bytes of JSON, and how each is called. Records of a stream mostly have the
// same names in the same order: a name is compared with the one that stood there in the record before, and looked up only
// where it is another. As map/member-scanner.ts it walks over well-formed JSON; of anything else it says that the record
// ends where the bytes do.
const tab = 0x09;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Beyond so many names they are not told apart: objects that are tables themselves have a new one each time. */
export const mostNames = 4096;

export class ObjectScanner {
  readonly #ids = new Map<string, number>();
  /** The bytes of each name, between its quotes. */
  readonly #texts: Uint8Array[] = [];
  /** Which name stood at each place in the record before. */
  #expected = new Int32Array(64).fill(-1);
  /** Members of the record that was looked at last. */
  count = 0;
  /** The number of each member's name; -1 for one of too many. */
  names = new Int32Array(64);
  /** Where its value begins and ends. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** Behind the last value, where another member can be put in. */
  close = 0;
  /** Where the record ends: at a comma, or at the end of the bytes. */
  end = 0;

  /** The number by which a name is known from now on: 0, 1, …; one that JSON text cannot have as it is never comes up. */
  number(name: string): number {
    return this.#numberOf(Buffer.from(name));
  }

  /** The name with this number, as it stands between quotes. */
  nameOf(number: number): string {
    return Buffer.from(this.#texts[number] as Uint8Array).toString('utf8');
  }

  /** How many names are known. */
  get known(): number {
    return this.#texts.length;
  }

  /** Looks at the record that begins at `start`; false where it is no object, or spells a name with an escape. */
  scan(bytes: Uint8Array, start: number): boolean {
    const limit = bytes.length;
    this.count = 0;
    let isPlain = true;
    let at = pastSpace(bytes, start, limit);
    if (bytes[at] !== openBrace) {
      this.end = behind(bytes, valueEnd(bytes, at, limit), limit);
      return false;
    }
    at = pastSpace(bytes, at + 1, limit);
    this.close = at;
    if (bytes[at] === closeBrace) {
      this.end = behind(bytes, at + 1, limit);
      return true;
    }
    for (let index = 0; ; index += 1) {
      if (at >= limit || bytes[at] !== quote) return this.#malformed(limit);
      if (index === this.names.length) this.#grow();
      const nameAt = at + 1;
      let name = this.#expected[index] as number;
      const text = name < 0 ? undefined : this.#texts[name];
      if (text !== undefined && isAt(bytes, nameAt, text)) at = nameAt + text.length;
      else {
        at = stringEnd(bytes, at, limit);
        if (hasEscape(bytes, nameAt, at)) [name, isPlain] = [-1, false];
        else {
          name = this.#numberOf(bytes.subarray(nameAt, at));
          this.#expected[index] = name;
        }
      }
      at = pastSpace(bytes, at + 1, limit);
      if (at >= limit || bytes[at] !== colon) return this.#malformed(limit);
      at = pastSpace(bytes, at + 1, limit);
      this.names[index] = name;
      this.starts[index] = at;
      at = valueEnd(bytes, at, limit);
      this.ends[index] = at;
      this.close = at;
      this.count = index + 1;
      at = pastSpace(bytes, at, limit);
      if (at < limit && bytes[at] === comma) at = pastSpace(bytes, at + 1, limit);
      else if (at < limit && bytes[at] === closeBrace) break;
      else return this.#malformed(limit);
    }
    at = pastSpace(bytes, at + 1, limit);
    if (at < limit && bytes[at] !== comma) return this.#malformed(limit);
    this.end = at;
    return isPlain;
  }

  #malformed(limit: number): boolean {
    this.end = limit;
    return false;
  }

  #numberOf(text: Uint8Array): number {
    const name = Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1');
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (this.#texts.length >= mostNames) return -1;
    this.#ids.set(name, this.#texts.length);
    this.#texts.push(Uint8Array.from(text));
    return this.#texts.length - 1;
  }

  #grow(): void {
    const size = 2 * this.names.length;
    const grown = (values: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(size).fill(-1);
      larger.set(values);
      return larger;
    };
    this.names = grown(this.names);
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    this.#expected = grown(this.#expected);
  }
}

/** Whether `text` stands there, and a quote behind it. */
function isAt(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  const { length } = text;
  if (start + length >= bytes.length || bytes[start + length] !== quote) return false;
  for (let index = 0; index < length; index += 1) if (bytes[start + index] !== text[index]) return false;
  return true;
}

function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === backslash) return true;
  return false;
}

function behind(bytes: Uint8Array, valueEndsAt: number, limit: number): number {
  const at = pastSpace(bytes, valueEndsAt, limit);
  return at < limit && bytes[at] === comma ? at : limit;
}

/** The offset behind the value at `start`, or the end of the bytes. */
function valueEnd(bytes: Uint8Array, start: number, limit: number): number {
  if (start < limit && bytes[start] === quote) return Math.min(stringEnd(bytes, start, limit) + 1, limit);
  let depth = 0;
  for (let at = start; at < limit; at += 1) {
    const byte = bytes[at] as number;
    if (byte === quote) at = stringEnd(bytes, at, limit);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
      if (depth < 0) return at;
    } else if (depth === 0 && (byte === comma || (byte <= space && byte >= tab))) return at;
  }
  return limit;
}

/** The offset of the quote that closes the string opened at `open`. */
function stringEnd(bytes: Uint8Array, open: number, limit: number): number {
  let at = open + 1;
  while (at < limit) {
    const byte = bytes[at];
    if (byte === quote) return at;
    at += byte === backslash ? 2 : 1;
  }
  return limit;
}

function pastSpace(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && (bytes[at] as number) <= space && (bytes[at] as number) >= tab) at += 1;
  return at;
}
