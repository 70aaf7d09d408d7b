// Hot path. Byte chunks → whole lines. Works on bytes, since a text decoder would harm what is not UTF-8, and
// keeps the pieces of an unfinished line in a list, so that a long line costs its length and not its square.
const newline = 0x0a;

export class LineFramer {
  readonly #maxLength: number;
  readonly #onTooLong: (length: number) => never;
  #pieces: Buffer[] = [];
  #length = 0;

  /** `onTooLong` throws: a line above `maxLength` bytes is not held in memory to its end. */
  constructor(maxLength: number, onTooLong: (length: number) => never) {
    this.#maxLength = maxLength;
    this.#onTooLong = onTooLong;
  }

  /** The lines that `chunk` completes, without their newline. They are views: good until the chunk is reused. */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, at);
      start = at + 1;
      yield this.#length === 0 ? tail : this.#finish(tail);
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** What is left without a newline at the end of input, or undefined. */
  rest(): Buffer | undefined {
    return this.#length === 0 ? undefined : this.#finish(Buffer.alloc(0));
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > this.#maxLength) this.#onTooLong(this.#length);
  }

  #finish(tail: Buffer): Buffer {
    this.#pieces.push(tail);
    const line = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    return line;
  }
}
