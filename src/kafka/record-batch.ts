// Hot path. Record batches, as brokers keep and send them: what is in them, without an object a record.
//
// Kafka documentation, "Message Format", version 2:
//   baseOffset i64 · batchLength i32 · leaderEpoch i32 · magic i8 · crc u32 · attributes i16 · lastOffsetDelta i32 ·
//   baseTimestamp i64 · maxTimestamp i64 · producerId i64 · producerEpoch i16 · baseSequence i32 · records i32 ·
//   then, packed or not, each record: length · attributes i8 · timestampDelta · offsetDelta · key · value · headers
// where whole numbers are varints in zigzag, and -1 is the length of what is null.
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js';
import { SluiceError } from '../errors.ts';
import { unpack } from './codecs.ts';

const headerLength = 61;
/** Up to the end of batchLength. */
const prefixLength = 12;
const magicAt = 16;
/** The checksum covers what stands behind it. */
const checkedFrom = 21;

export type RecordBatch = {
  readonly firstOffset: number;
  /** Of the last record that was ever in it. */
  readonly lastOffset: number;
  readonly producer: bigint;
  readonly isTransactional: boolean;
  /** It holds no records of users but the end of a transaction. */
  readonly isControl: boolean;
  readonly count: number;
  readonly baseTimestamp: number;
  /** The time of all records is when the broker took them. */
  readonly appendTime: number | undefined;
  readonly codec: number;
  /** The records, packed. */
  readonly body: Buffer;
  readonly checksum: number;
  /** What the checksum covers. */
  readonly checked: Buffer;
};

/** Those that are whole: a broker cuts the last one off. Throws SluiceError('badData'). */
export function* recordBatches(bytes: Buffer): Generator<RecordBatch> {
  for (let at = 0; bytes.length - at >= prefixLength;) {
    const end = at + prefixLength + bytes.readInt32BE(at + 8);
    if (end > bytes.length) return;
    const firstOffset = Number(bytes.readBigInt64BE(at));
    checkFormat(bytes.subarray(at, Math.max(at, end)), firstOffset);
    const attributes = bytes.readInt16BE(at + 21);
    yield {
      firstOffset,
      lastOffset: firstOffset + bytes.readInt32BE(at + 23),
      producer: bytes.readBigInt64BE(at + 43),
      isTransactional: (attributes & 0x10) !== 0,
      isControl: (attributes & 0x20) !== 0,
      count: bytes.readInt32BE(at + 57),
      baseTimestamp: Number(bytes.readBigInt64BE(at + 27)),
      appendTime: (attributes & 0x08) !== 0 ? Number(bytes.readBigInt64BE(at + 35)) : undefined,
      codec: attributes & 0x07,
      body: bytes.subarray(at + headerLength, end),
      checksum: bytes.readUInt32BE(at + 17),
      checked: bytes.subarray(at + checkedFrom, end),
    };
    at = end;
  }
}

function checkFormat(batch: Buffer, firstOffset: number): void {
  const magic = batch[magicAt];
  if (magic === 0 || magic === 1)
    throw new SluiceError(
      'badData',
      `records of message format ${magic} cannot be read: they were written by a client older than Kafka 0.11`,
    );
  if (magic !== 2 || batch.length < headerLength) throw damaged(firstOffset);
}

function damaged(firstOffset: number, cause?: unknown): SluiceError {
  return new SluiceError('badData', `the record batch at offset ${firstOffset} is damaged`, undefined, cause);
}

/** Behind the last batch that is whole, or undefined where there is none. Throws SluiceError('badData'). */
export function nextOffset(bytes: Buffer): number | undefined {
  let next: number | undefined;
  try {
    for (const { lastOffset } of recordBatches(bytes)) next = lastOffset + 1;
  } catch (error) {
    // What is ahead of the damage is good.
    if (next === undefined) throw error;
  }
  return next;
}

/** The checksum is looked at where damage could keep a codec busy for ever; of plain records lengths tell. */
function unpacked({ body, codec, firstOffset, checksum, checked }: RecordBatch): Buffer {
  if (codec === 0) return body;
  if (crc32C(checked) !== checksum) throw damaged(firstOffset);
  try {
    return unpack(body, codec);
  } catch (error) {
    // Each codec throws something of its own.
    throw error instanceof SluiceError ? error : damaged(firstOffset, error);
  }
}

/** The records of a batch, one at a time: `next` moves on, the fields tell where it stands. */
export class RecordReader {
  readonly bytes: Buffer;
  readonly #batch: RecordBatch;
  #left: number;
  #at = 0;
  #end = 0;
  #timestampDelta = 0;
  #offsetDelta = 0;
  keyStart = 0;
  /** -1: there is no key. */
  keyLength = -1;
  valueStart = 0;
  /** -1: there is no value, a tombstone. */
  valueLength = -1;
  #headersStart = 0;

  /** Throws SluiceError('badData'). */
  constructor(batch: RecordBatch) {
    this.#batch = batch;
    this.bytes = unpacked(batch);
    this.#left = batch.count;
  }

  /** False behind the last record. Throws SluiceError('badData'). */
  next(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    this.#at = this.#end;
    const length = this.#varint();
    this.#end = this.#at + length;
    if (length < 0 || this.#end > this.bytes.length) throw damaged(this.#batch.firstOffset);
    this.#at += 1;
    this.#timestampDelta = this.#varint();
    this.#offsetDelta = this.#varint();
    this.keyLength = this.#varint();
    this.keyStart = this.#at;
    this.#at += Math.max(this.keyLength, 0);
    this.valueLength = this.#varint();
    this.valueStart = this.#at;
    this.#at += Math.max(this.valueLength, 0);
    this.#headersStart = this.#at;
    if (this.#at > this.#end) throw damaged(this.#batch.firstOffset);
    return true;
  }

  get offset(): number {
    return this.#batch.firstOffset + this.#offsetDelta;
  }

  /** Epoch milliseconds. */
  get timestamp(): number {
    return this.#batch.appendTime ?? this.#batch.baseTimestamp + this.#timestampDelta;
  }

  get key(): Buffer | undefined {
    return this.#slice(this.keyStart, this.keyLength);
  }

  get value(): Buffer | undefined {
    return this.#slice(this.valueStart, this.valueLength);
  }

  /** Names may come more than once. */
  headers(): [name: string, value: Buffer | undefined][] {
    this.#at = this.#headersStart;
    const headers: [string, Buffer | undefined][] = [];
    for (let left = this.#varint(); left > 0; left -= 1) {
      const name = this.#taken()?.toString('utf8') ?? '';
      headers.push([name, this.#taken()]);
    }
    return headers;
  }

  #taken(): Buffer | undefined {
    const length = this.#varint();
    const start = this.#at;
    this.#at += Math.max(length, 0);
    return this.#slice(start, length);
  }

  #slice(start: number, length: number): Buffer | undefined {
    return length < 0 ? undefined : this.bytes.subarray(start, start + length);
  }

  /** Zigzag; what does not fit into 32 bits, a time that is far off, takes the slow way. */
  #varint(): number {
    const { bytes } = this;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[this.#at] as number;
      this.#at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    return this.#longVarint(BigInt(value));
  }

  #longVarint(low: bigint): number {
    let value = low;
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.#at] as number;
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number((value >> 1n) ^ -(value & 1n));
  }
}
