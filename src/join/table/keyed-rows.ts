// Hot path. The rows of a table by their keys, as bytes in one piece of memory. A hash table in front of it has for each key the
// hash and where its first row stands; rows of the same key follow one another as they came.
//
//   a row, in words of 4 bytes:  next row of the key | last row of the key | bytes of the key | bytes of the members
//                                the key | the members, up to a whole word
//
// A row stands at a number of words, so that 32 bits reach 16 GiB; 0 is none.

const headWords = 4;
const headBytes = 4 * headWords;
const nextAt = 0;
const lastAt = 1;
const keyLengthAt = 2;
const lengthAt = 3;

/** More than this cannot be held in one piece. */
export const mostBytes: number = 4 * 1024 ** 3;

export class KeyedRows {
  #buffer: ArrayBuffer;
  #words: Uint32Array;
  /** Where members are read from. */
  bytes: Uint8Array;
  /** In words; the first ones are nobody's, since 0 is none. */
  #used = headWords;
  /** The hash of a key and its first row, one pair for each slot. */
  #slots = new Uint32Array(2 * 1024);
  #mask = 1023;
  /** Different keys. */
  keys = 0;
  rows = 0;

  /** Memory grows as it is needed; `size` is a guess at how much that will be, in bytes. */
  constructor(size: number) {
    this.#buffer = new ArrayBuffer(Math.min(mostBytes, 4 * Math.ceil(Math.max(size, 4096) / 4)));
    this.#words = new Uint32Array(this.#buffer);
    this.bytes = new Uint8Array(this.#buffer);
  }

  /** Bytes in use, those of the hash table included. */
  get size(): number {
    return 4 * this.#used + this.#slots.byteLength;
  }

  /** Adds a row; both are good until the next call only. */
  add(key: Uint8Array, keyLength: number, members: Uint8Array, length: number): void {
    const hash = hashOf(key, keyLength);
    const slot = this.#slotOf(hash, key, keyLength);
    const first = this.#slots[2 * slot + 1] as number;
    const row = this.#append(key, first === 0 ? keyLength : 0, members, length);
    this.rows += 1;
    if (first !== 0) {
      this.#words[(this.#words[first + lastAt] as number) + nextAt] = row;
      this.#words[first + lastAt] = row;
      return;
    }
    this.#words[row + lastAt] = row;
    this.#slots[2 * slot] = hash;
    this.#slots[2 * slot + 1] = row;
    this.keys += 1;
    // At most 5/8 full.
    if (8 * this.keys > 5 * (this.#mask + 1)) this.#enlarge();
  }

  /** The first row of a key, or 0. */
  find(key: Uint8Array, keyLength: number): number {
    return this.#slots[2 * this.#slotOf(hashOf(key, keyLength), key, keyLength) + 1] as number;
  }

  /** The row of the same key that follows, or 0. */
  next(row: number): number {
    return this.#words[row + nextAt] as number;
  }

  /** Where the members of a row begin in `bytes`. */
  start(row: number): number {
    return 4 * row + headBytes + (this.#words[row + keyLengthAt] as number);
  }

  length(row: number): number {
    return this.#words[row + lengthAt] as number;
  }

  #append(key: Uint8Array, keyLength: number, members: Uint8Array, length: number): number {
    const row = this.#used;
    const end = row + headWords + ((keyLength + length + 3) >>> 2);
    if (4 * end > this.#buffer.byteLength) this.#resize(Math.max(4 * end, 1.5 * this.#buffer.byteLength));
    const words = this.#words;
    words[row + keyLengthAt] = keyLength;
    words[row + lengthAt] = length;
    copyBytes(key, 0, keyLength, this.bytes, 4 * row + headBytes);
    copyBytes(members, 0, length, this.bytes, 4 * row + headBytes + keyLength);
    this.#used = end;
    return row;
  }

  /** Where the key is, or would be. */
  #slotOf(hash: number, key: Uint8Array, keyLength: number): number {
    const slots = this.#slots;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = slots[2 * slot + 1] as number;
      if (row === 0 || (slots[2 * slot] === hash && this.#hasKey(row, key, keyLength))) return slot;
    }
  }

  #hasKey(row: number, key: Uint8Array, keyLength: number): boolean {
    if (this.#words[row + keyLengthAt] !== keyLength) return false;
    const start = 4 * row + headBytes;
    const { bytes } = this;
    for (let index = 0; index < keyLength; index += 1) if (bytes[start + index] !== key[index]) return false;
    return true;
  }

  #enlarge(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    this.#mask = this.#slots.length / 2 - 1;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] === 0) continue;
      let slot = (before[at] as number) & this.#mask;
      while (this.#slots[2 * slot + 1] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[2 * slot] = before[at] as number;
      this.#slots[2 * slot + 1] = before[at + 1] as number;
    }
  }

  #resize(size: number): void {
    const buffer = new ArrayBuffer(Math.min(mostBytes, 4 * Math.ceil(size / 4)));
    const bytes = new Uint8Array(buffer);
    bytes.set(this.bytes.subarray(0, 4 * this.#used));
    this.#buffer = buffer;
    this.#words = new Uint32Array(buffer);
    this.bytes = bytes;
  }
}

/** FNV-1a, with its bits mixed once more, since the lowest ones choose the slot. */
function hashOf(key: Uint8Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < length; index += 1) hash = Math.imul(hash ^ (key[index] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** A call into the engine costs as much as some hundred bytes. */
const shortBytes = 128;

export function copyBytes(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  place: number,
): number {
  if (end - start > shortBytes) to.set(from.subarray(start, end), place);
  else for (let at = start, out = place; at < end; at += 1, out += 1) to[out] = from[at] as number;
  return place + (end - start);
}
