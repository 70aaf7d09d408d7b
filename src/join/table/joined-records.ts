// Hot path. Records with what a table says of them put behind their own members, gathered into pieces of about the size of a part.
import type { Piece } from '../../map/write.ts';
import { copyBytes } from './keyed-rows.ts';

const comma = 0x2c;
const closeBrace = 0x7d;

export class JoinedRecords {
  readonly #size: number;
  readonly #guess: number;
  #out: Buffer | undefined;
  #length = 0;
  #count = 0;

  /** `guess` is how many bytes will come of it all. */
  constructor(size: number, guess: number) {
    this.#size = size;
    this.#guess = Math.min(size, guess);
  }

  /** True where so many bytes belong in the next piece: take this one first. */
  isFullFor(bytes: number): boolean {
    return this.#count > 0 && this.#length + bytes + 1 > this.#size;
  }

  /** The record from `start` to `end` of `bytes`, as it is. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const out = this.#begin(end - start);
    this.#length = copyBytes(bytes, start, end, out, this.#length);
  }

  /** The record whose last member ends at `close`, and further members behind it: those from `from` to `until` of `members`. */
  addJoined(
    bytes: Uint8Array,
    start: number,
    close: number,
    hasMembers: boolean,
    members: Uint8Array,
    from: number,
    until: number,
  ): void {
    const out = this.#begin(close - start + (until - from) + 2);
    let at = copyBytes(bytes, start, close, out, this.#length);
    if (hasMembers) out[at++] = comma;
    at = copyBytes(members, from, until, out, at);
    out[at++] = closeBrace;
    this.#length = at;
  }

  /** What was gathered; memory of its own, which whoever gets it keeps. */
  take(): Piece {
    const payload = (this.#out ?? Buffer.alloc(0)).subarray(0, this.#length);
    const count = this.#count;
    this.#out = undefined;
    this.#length = 0;
    this.#count = 0;
    return { payload, count };
  }

  /** Where the next record goes, with room for so many bytes. */
  #begin(bytes: number): Buffer {
    if (!this.#out) {
      this.#out = Buffer.allocUnsafeSlow(Math.max(this.#guess, bytes + 1));
    } else if (this.#length + bytes + 1 > this.#out.length) {
      const grown = Buffer.allocUnsafeSlow(2 * (this.#length + bytes + 1));
      grown.set(this.#out.subarray(0, this.#length));
      this.#out = grown;
    }
    if (this.#count > 0) this.#out[this.#length++] = comma;
    this.#count += 1;
    return this.#out;
  }
}
