// Hot path. Some of a payload's records, as the stretches of bytes in which they follow one another.
const comma = 0x2c;
/** Stretches of fewer bytes are copied one by one, which costs less than a call. */
const worthCall = 400;

export class Runs {
  readonly #payload: Buffer;
  /** Where each stretch begins and ends. */
  readonly #bounds: number[] = [];
  #bytes = 0;
  count = 0;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  /** The record at [start, end). Records come in order. */
  add(start: number, end: number): void {
    this.count += 1;
    const last = this.#bounds.length - 1;
    this.#bytes += end - start + 1;
    if (last > 0 && this.#bounds[last] === start - 1) this.#bounds[last] = end;
    else this.#bounds.push(start, end);
  }

  /** Bytes of the payload that they make. */
  get length(): number {
    return Math.max(this.#bytes - 1, 0);
  }

  /** The records as a payload of their own; nothing is copied where they are one stretch. */
  join(): Buffer {
    const [start = 0, end = 0] = this.#bounds;
    if (this.#bounds.length <= 2) return this.#payload.subarray(start, end);
    const joined = Buffer.allocUnsafe(this.length);
    this.copyTo(joined, 0);
    return joined;
  }

  /** The same, into what has room for `length` bytes from `at` on. */
  copyTo(target: Uint8Array, at: number): void {
    let place = at;
    for (let run = 0; run < this.#bounds.length; run += 2) {
      if (run > 0) target[place++] = comma;
      place = copy(
        this.#payload,
        this.#bounds[run] as number,
        this.#bounds[run + 1] as number,
        target,
        place,
      );
    }
  }
}

/** Returns where the copy ends. */
function copy(from: Buffer, start: number, end: number, to: Uint8Array, at: number): number {
  if (end - start >= worthCall) return at + from.copy(to, at, start, end);
  let place = at;
  for (let index = start; index < end; index += 1) to[place++] = from[index] as number;
  return place;
}
