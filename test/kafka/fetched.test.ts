// Answers to a fetch, written by hand after the protocol guide.
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { describe, expect, test } from 'vitest';
import { decodeFetched, type FetchedPartition } from '../../src/kafka/fetched.ts';
import { nextOffset } from '../../src/kafka/record-batch.ts';
import { messagesIn, valuesAt } from './support.ts';

function int64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function answer(version: number, partitions: readonly (FetchedPartition & { isNull?: boolean })[]): Buffer {
  const encoder = new Encoder().writeInt32(17); // throttle time
  if (version >= 7) encoder.writeInt16(0).writeInt32(123_456); // error, session
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  return encoder.writeArray(
    topics.map((name) =>
      new Encoder().writeString(name).writeArray(
        partitions
          .filter(({ topic }) => topic === name)
          .map(({ partition, errorCode, end, aborted, bytes, isNull = false }) => {
            const encoded = new Encoder().writeInt32(partition).writeInt16(errorCode);
            encoded.writeBuffer(int64(end + 1000)).writeBuffer(int64(end)); // high watermark, last stable offset
            if (version >= 5) encoded.writeBuffer(int64(3)); // log start
            if (aborted.length === 0) encoded.writeInt32(-1);
            else {
              encoded.writeArray(
                aborted.map(({ producer, first }) =>
                  new Encoder().writeBuffer(int64(producer)).writeBuffer(int64(first)),
                ),
              );
            }
            if (version >= 11) encoded.writeInt32(-1); // preferred replica
            return isNull ? encoded.writeInt32(-1) : encoded.writeInt32(bytes.length).writeBuffer(bytes);
          }),
      ),
    ),
  ).buffer;
}

const nothing = Buffer.alloc(0);
const partitions: FetchedPartition[] = [
  {
    topic: 'orders',
    partition: 0,
    errorCode: 0,
    end: 2 ** 40 + 2,
    aborted: [
      { producer: 2n ** 60n, first: 2 ** 40 },
      { producer: 8n, first: 5 },
    ],
    bytes: valuesAt(2 ** 40, ['a', 'b']),
  },
  { topic: 'orders', partition: 12, errorCode: 0, end: 7, aborted: [], bytes: nothing },
  { topic: 'größer', partition: 1, errorCode: 1, end: -1, aborted: [], bytes: nothing },
];

describe.each([4, 5, 6, 7, 8, 10, 11])('an answer of version %d', (version) => {
  test('is read to its last byte', () => {
    expect(decodeFetched(answer(version, partitions), version)).toEqual(partitions);
  });

  test('with nothing in it is nothing', () => {
    expect(decodeFetched(answer(version, []), version)).toEqual([]);
  });

  test('may have null where there are no records', () => {
    const [partition] = partitions as [FetchedPartition];
    const fetched = decodeFetched(answer(version, [{ ...partition, isNull: true }]), version);
    expect(fetched).toEqual([{ ...partition, bytes: nothing }]);
  });

  test('brings batches that can be read', () => {
    const [first] = decodeFetched(answer(version, partitions), version) as [FetchedPartition];
    expect(messagesIn(first.bytes).map(({ offset, value }) => [offset, value])).toEqual([
      [2 ** 40, 'a'],
      [2 ** 40 + 1, 'b'],
    ]);
    expect(nextOffset(first.bytes)).toBe(2 ** 40 + 2);
  });
});
