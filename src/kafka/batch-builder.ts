// Hot path. Records → a record batch, byte for byte as record-batch.ts reads them; kafkajs makes an object and some buffers
// of each record.
import { gzipSync } from 'node:zlib';
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js';

const headerLength = 61;
/** What the length at 8 does not count. */
const prefixLength = 12;
/** The checksum covers what stands behind it. */
const checkedFrom = 21;

export type Producer = { readonly id: bigint; readonly epoch: number; readonly isTransactional: boolean };

export const noProducer: Producer = { id: -1n, epoch: -1, isTransactional: false };

export class BatchBuilder {
  #bytes = Buffer.allocUnsafe(16 * 1024);
  #length = headerLength;
  count = 0;

  /** Bytes, unpacked. */
  get size(): number {
    return this.#length;
  }

  add(key: Buffer | undefined, value: Buffer): void {
    const keyLength = key ? key.length : 0;
    // Lengths, deltas and attributes take 27 bytes at most.
    this.#reserve(keyLength + value.length + 32);
    const offset = this.count;
    const size =
      2 +
      varintSize(offset) +
      varintSize(key ? keyLength : -1) +
      keyLength +
      varintSize(value.length) +
      value.length +
      1;
    this.#varint(size);
    this.#byte(0); // attributes
    this.#byte(0); // all of one time
    this.#varint(offset);
    this.#varint(key ? keyLength : -1);
    if (key) this.#length += key.copy(this.#bytes, this.#length);
    this.#varint(value.length);
    this.#length += value.copy(this.#bytes, this.#length);
    this.#byte(0); // no headers
    this.count += 1;
  }

  /** The batch; `time` in epoch milliseconds is that of all its records. */
  build(producer: Producer, sequence: number, time: number, isPacked: boolean): Buffer {
    const body = this.#bytes.subarray(headerLength, this.#length);
    const packed = isPacked ? gzipSync(body) : body;
    const batch = isPacked
      ? Buffer.concat([Buffer.alloc(headerLength), packed])
      : Buffer.from(this.#bytes.subarray(0, this.#length));
    batch.writeBigInt64BE(0n, 0);
    batch.writeInt32BE(batch.length - prefixLength, 8);
    batch.writeInt32BE(-1, 12); // leader epoch, which the broker fills in
    batch.writeInt8(2, 16);
    batch.writeInt16BE((isPacked ? 1 : 0) | (producer.isTransactional ? 0x10 : 0), 21);
    batch.writeInt32BE(this.count - 1, 23);
    batch.writeBigInt64BE(BigInt(time), 27);
    batch.writeBigInt64BE(BigInt(time), 35);
    batch.writeBigInt64BE(producer.id, 43);
    batch.writeInt16BE(producer.epoch, 51);
    batch.writeInt32BE(producer.id === -1n ? -1 : sequence, 53);
    batch.writeInt32BE(this.count, 57);
    batch.writeUInt32BE(crc32C(batch.subarray(checkedFrom)), 17);
    return batch;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #byte(value: number): void {
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** Zigzag. */
  #varint(value: number): void {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest >= 0x80; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = ((value << 1) ^ (value >> 31)) >>> 0; rest >= 0x80; rest >>>= 7) size += 1;
  return size;
}
