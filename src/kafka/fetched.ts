// The answer to a fetch, down to the bytes of its record batches, which stay as they are.
//
// Kafka protocol guide, Fetch, versions 4 to 11.

export type FetchedPartition = {
  readonly topic: string;
  readonly partition: number;
  /** 0 where all is well. */
  readonly errorCode: number;
  /** Behind the last record that is not of an open transaction. */
  readonly end: number;
  /** Transactions that were given up, by their producers. */
  readonly aborted: readonly Aborted[];
  /** Whole record batches; the last one may be cut off. */
  readonly bytes: Buffer;
};

type Aborted = { readonly producer: bigint; readonly first: number };

export function decodeFetched(bytes: Buffer, version: number): FetchedPartition[] {
  const reader = new Reader(bytes);
  reader.skip(4); // throttle time
  if (version >= 7) reader.skip(6); // error and session of fetch sessions, which we do not use
  return reader
    .array(() => {
      const topic = reader.string();
      return reader.array(() => decodePartition(reader, topic, version));
    })
    .flat();
}

function decodePartition(reader: Reader, topic: string, version: number): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  reader.skip(8); // high watermark
  const end = Number(reader.int64());
  if (version >= 5) reader.skip(8); // log start
  const aborted = reader.array(() => ({ producer: reader.int64(), first: Number(reader.int64()) }));
  if (version >= 11) reader.skip(4); // preferred replica
  return { topic, partition, errorCode, end, aborted, bytes: reader.bytes() };
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(length: number): void {
    this.#at += length;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  string(): string {
    const length = this.int16();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  bytes(): Buffer {
    const length = Math.max(this.int32(), 0);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  array<Item>(item: () => Item): Item[] {
    const length = Math.max(this.int32(), 0);
    return Array.from({ length }, item);
  }
}
