// As much of Avro's binary encoding as Flume's protocol needs.

/** What is no Avro, or more than there is. */
export class Malformed extends Error {}

export class AvroReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isOver(): boolean {
    return this.at >= this.bytes.length;
  }

  /** An int, or a long that a number holds. */
  integer(): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 10; index += 1) {
      const byte = bytes[this.at++];
      if (byte === undefined) throw new Malformed('it ends within a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        const half = Math.floor(value / 2);
        return value % 2 === 0 ? half : -half - 1;
      }
      scale *= 128;
    }
    throw new Malformed('a number is longer than Avro has them');
  }

  /** Passes so many bytes. Returns where they begin. */
  pass(length: number): number {
    const start = this.at;
    if (length < 0 || length > this.bytes.length - start)
      throw new Malformed(`${length} bytes are told, and there are ${this.bytes.length - start}`);
    this.at = start + length;
    return start;
  }

  text(): string {
    const length = this.integer();
    const start = this.pass(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  fixed(length: number): Buffer {
    const start = this.pass(length);
    return this.bytes.subarray(start, start + length);
  }

  /** How many items the next block of an array or a map has; 0 at its end. */
  block(): number {
    const count = this.integer();
    if (count >= 0) return count;
    // A negative count has the length of the block behind it.
    this.integer();
    return -count;
  }

  /** A map whose values are bytes or texts. */
  passMap(): undefined {
    for (let left = this.block(); left > 0; left = this.block())
      for (; left > 0; left -= 1) {
        this.pass(this.integer());
        this.pass(this.integer());
      }
  }
}

export class AvroWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  integer(value: number): this {
    this.#room(10);
    // Zig-zag; what is written here is far below 2^53.
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  blob(bytes: Buffer): this {
    return this.integer(bytes.length).raw(bytes);
  }

  text(text: string): this {
    return this.blob(Buffer.from(text));
  }

  raw(bytes: Buffer): this {
    this.#room(bytes.length);
    this.#length += bytes.copy(this.#bytes, this.#length);
    return this;
  }

  #room(more: number): void {
    const least = this.#length + more;
    if (least <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, least));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
