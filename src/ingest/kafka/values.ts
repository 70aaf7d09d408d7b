// Hot path. Values of messages side by side, each with a newline behind it, and where they came from.
import type { RecordReader } from '../../kafka/record-batch.ts';
import { metaOf } from './meta.ts';

/** About so many bytes are a piece. */
const pieceSize = 1024 * 1024;
const newline = 0x0a;
const carriageReturn = 0x0d;

export class Values {
  /** Of whose messages all is to be told: the partition's name. */
  readonly #topic: string | undefined;
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** Behind the newline of each value. */
  readonly ends: number[] = [];
  readonly offsets: number[] = [];
  /** JSON texts, up to the value, where all is to be told. */
  readonly metas: string[] = [];
  /** Those that are no value at all. */
  readonly nulls = new Set<number>();

  constructor(topic: string | undefined) {
    this.#topic = topic;
  }

  get count(): number {
    return this.offsets.length;
  }

  get isFull(): boolean {
    return this.#length >= pieceSize;
  }

  /** The first `length` bytes of the record's value. */
  add(record: RecordReader, length: number): void {
    if (record.valueLength < 0) this.nulls.add(this.count);
    const end = this.#length + length;
    if (end >= this.#bytes.length) this.#grow(end + 1);
    record.bytes.copy(this.#bytes, this.#length, record.valueStart, record.valueStart + length);
    this.#bytes[end] = newline;
    this.#length = end + 1;
    this.ends.push(this.#length);
    this.offsets.push(record.offset);
    if (this.#topic !== undefined) this.metas.push(metaOf(record, this.#topic));
  }

  #grow(least: number): void {
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, least));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  get lines(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A value with its newline. */
  line(index: number): Buffer {
    return this.#bytes.subarray(this.ends[index - 1] ?? 0, this.ends[index]);
  }

  /** There are line ends within values. */
  get hasLineEnds(): boolean {
    const { lines } = this;
    if (lines.includes(carriageReturn)) return true;
    let at = 0;
    for (const end of this.ends) {
      at = lines.indexOf(newline, at) + 1;
      if (at !== end) return true;
    }
    return false;
  }
}
