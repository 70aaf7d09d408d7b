// Ours against ours, against kafkajs, and against what Java writes.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchBuilder, noProducer } from '../../src/kafka/batch-builder.ts';
import { nextOffset, recordBatches, RecordReader } from '../../src/kafka/record-batch.ts';
import { failureOf } from '../helpers/envelopes.ts';
import { javaBatch, javaTime } from './java-batches.ts';
import { oracleBatch, readByOracle, type OracleRecord } from './oracle.ts';
import { messagesIn, valuesAt } from './support.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const numRuns = 150;

function built(
  records: readonly (readonly [Buffer | undefined, Buffer])[],
  { producer = noProducer, sequence = 0, time = 0, isPacked = false } = {},
): Buffer {
  const builder = new BatchBuilder();
  for (const [key, value] of records) builder.add(key, value);
  return builder.build(producer, sequence, time, isPacked);
}

describe('what we write', () => {
  test('a batch is the same as that of the Java client, byte for byte', () => {
    const records = [
      [Buffer.from('k'), Buffer.from('v')],
      [undefined, Buffer.from('w')],
    ] as const;
    const producer = { id: 42n, epoch: 3, isTransactional: false };
    expect(built(records, { producer, sequence: 9, time: javaTime }).toString('hex')).toBe(
      javaBatch('idempotent').toString('hex'),
    );
  });

  test('a batch of a transaction is, but for its offset, the same as that of the Java client', () => {
    const batch = built([[undefined, Buffer.from('in')]], {
      producer: { id: 42n, epoch: 3, isTransactional: true },
      sequence: 9,
      time: javaTime,
    });
    expect(batch.subarray(8).toString('hex')).toBe(javaBatch('transactional').subarray(8).toString('hex'));
  });

  test('property: kafkajs and we read the same of it', async () => {
    const record = fc.tuple(fc.option(bytes, { nil: undefined }), bytes);
    const time = fc.integer({ min: 0, max: 8.64e15 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 80 }),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        time,
        async (records, isPacked, isTransactional, sequence, when) => {
          const producer = { id: 7_000_000_000_000n, epoch: 5, isTransactional };
          const batch = built(records, { producer, sequence, time: when, isPacked });
          const theirs = await readByOracle(batch);
          expect(theirs).toMatchObject({
            firstOffset: '0',
            lastOffsetDelta: records.length - 1,
            firstTimestamp: String(when),
            maxTimestamp: String(when),
            producerId: String(producer.id),
            producerEpoch: 5,
            firstSequence: sequence,
            inTransaction: isTransactional,
          });
          const expected = records.map(([key, value], index) => ({
            offset: index,
            timestamp: when,
            key: key?.toString('latin1'),
            value: value.toString('latin1'),
            headers: [],
          }));
          expect(
            theirs.records.map(({ offset, timestamp, key, value, headers }) => ({
              offset: Number(offset),
              timestamp: Number(timestamp),
              key: key?.toString('latin1'),
              value: value?.toString('latin1'),
              headers: Object.entries(headers),
            })),
          ).toEqual(expected);
          expect(messagesIn(batch)).toEqual(expected);
        },
      ),
      { numRuns },
    );
  });

  test('without a producer there is no number either', async () => {
    const batch = built([[undefined, Buffer.from('v')]], { sequence: 77 });
    expect(await readByOracle(batch)).toMatchObject({
      producerId: '-1',
      producerEpoch: -1,
      firstSequence: -1,
    });
  });

  test('the buffer grows with the records, and may be built from once more', async () => {
    const builder = new BatchBuilder();
    for (let index = 0; index < 20_000; index += 1) builder.add(undefined, Buffer.from(`value ${index}`));
    expect(builder.count).toBe(20_000);
    for (const isPacked of [false, true, false]) {
      const { records } = await readByOracle(builder.build(noProducer, 0, 0, isPacked));
      expect(records.map(({ value }) => value?.toString())).toEqual(
        Array.from({ length: 20_000 }, (_, index) => `value ${index}`),
      );
    }
  });

  test('what is built stays as it is when more is added', () => {
    const builder = new BatchBuilder();
    builder.add(undefined, Buffer.from('one'));
    const batch = builder.build(noProducer, 0, 0, false);
    const before = batch.toString('hex');
    builder.add(undefined, Buffer.from('two'));
    expect(batch.toString('hex')).toBe(before);
  });
});

describe('lengths at the edges of their varints', () => {
  test.each([0, 1, 63, 64, 8191, 8192, 1_048_575, 1_048_576])('%d bytes', async (length) => {
    const text = Buffer.alloc(length, 'x');
    const batch = built([
      [text, text],
      [undefined, text],
    ]);
    const { records } = await readByOracle(batch);
    expect(records.map(({ key, value }) => [key?.length, value?.length])).toEqual([
      [length, length],
      [undefined, length],
    ]);
    expect(messagesIn(batch).map(({ key, value }) => [key?.length, value?.length])).toEqual([
      [length, length],
      [undefined, length],
    ]);
  });
});

describe('what others write', () => {
  test('property: what kafkajs writes, with gaps, times that go back and headers', async () => {
    const record = fc.record({
      gap: fc.integer({ min: 1, max: 100_000 }),
      timestampDelta: fc.oneof(fc.integer({ min: -10, max: 10 }), fc.maxSafeInteger()),
      key: fc.option(bytes),
      value: fc.option(bytes),
      headers: fc.dictionary(
        fc.string({ unit: 'grapheme', maxLength: 8 }).filter((name) => !/^\d+$|^__proto__$/.test(name)),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { minLength: 1, maxLength: 3 }),
        { maxKeys: 3, noNullPrototype: true },
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 2 ** 50 }),
        async (given, isPacked, firstOffset) => {
          let offsetDelta = -1;
          const records: OracleRecord[] = given.map(({ gap, ...more }) => ({
            ...more,
            offsetDelta: (offsetDelta += gap),
          }));
          const batch = await oracleBatch(records, { firstOffset, isPacked });
          expect(messagesIn(batch)).toEqual(
            records.map(({ key, value, headers, timestampDelta, offsetDelta: delta }) => ({
              offset: firstOffset + delta,
              timestamp: timestampDelta,
              key: key?.toString('latin1'),
              value: value?.toString('latin1'),
              headers: Object.entries(headers as Record<string, string[]>).flatMap(([name, values]) =>
                values.map((one) => [name, one]),
              ),
            })),
          );
          expect(nextOffset(batch)).toBe(firstOffset + offsetDelta + 1);
        },
      ),
      { numRuns },
    );
  });

  test.each([
    0,
    -1,
    63,
    64,
    2 ** 27 - 1,
    2 ** 27,
    -(2 ** 27),
    -(2 ** 27) - 1,
    2 ** 31,
    -(2 ** 31),
    2 ** 41,
    Number.MAX_SAFE_INTEGER,
  ])('a time that is %d ms from the first', async (timestampDelta) => {
    const batch = await oracleBatch([{ offsetDelta: 0, timestampDelta, value: Buffer.from('v') }]);
    expect(messagesIn(batch)).toMatchObject([{ timestamp: timestampDelta, value: 'v' }]);
  });

  test.each([63, 64, 8191, 8192, 2 ** 27 - 1, 2 ** 27, 2 ** 31 - 1])(
    'a record that is %d offsets behind the first',
    async (offsetDelta) => {
      const batch = await oracleBatch([{ offsetDelta, value: Buffer.from('v') }], { firstOffset: 2 ** 40 });
      expect(messagesIn(batch)).toMatchObject([{ offset: 2 ** 40 + offsetDelta }]);
      expect(nextOffset(batch)).toBe(2 ** 40 + offsetDelta + 1);
    },
  );

  test.each(['plain', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('of the Java client, %s', (name) => {
    expect(messagesIn(javaBatch(name))).toEqual([
      { offset: 1000, timestamp: javaTime, key: 'k', value: 'first '.repeat(8), headers: [] },
      {
        offset: 1001,
        timestamp: javaTime + 1,
        key: undefined,
        value: Buffer.from('zweite größer').toString('latin1'),
        headers: [
          ['trace', '1'],
          ['trace', undefined],
          ['spân', 'é'],
        ],
      },
      { offset: 1002, timestamp: javaTime - 5, key: '', value: undefined, headers: [] },
      { offset: 1003, timestamp: javaTime + 5_000_000_000, key: 'k', value: '', headers: [] },
    ]);
    expect(nextOffset(javaBatch(name))).toBe(1004);
  });

  test('the time of all records is when the broker took them, where it says so', () => {
    const batch = javaBatch('appendTime');
    const taken = Number(batch.readBigInt64BE(35));
    expect(taken).not.toBe(javaTime);
    expect(messagesIn(batch)).toMatchObject([{ offset: 3, timestamp: taken, key: 'k', value: 'v' }]);
  });

  test('a batch that compaction has emptied still takes its offsets', async () => {
    const batch = await oracleBatch([], { firstOffset: 10, lastOffsetDelta: 4 });
    expect(messagesIn(batch)).toEqual([]);
    expect(nextOffset(batch)).toBe(15);
  });
});

describe('several batches in a row', () => {
  const batches = [valuesAt(0, ['a', 'b']), valuesAt(2, ['c']), valuesAt(7, ['d', 'e'])];
  const all = Buffer.concat(batches);

  test('come one after the other', () => {
    expect(messagesIn(all).map(({ offset, value }) => `${offset} ${value}`)).toEqual([
      '0 a',
      '1 b',
      '2 c',
      '7 d',
      '8 e',
    ]);
    expect(nextOffset(all)).toBe(9);
  });

  test('the last one may be cut off anywhere, and is passed over', () => {
    const whole = batches.slice(0, 2).reduce((sum, { length }) => sum + length, 0);
    for (let length = whole; length < all.length; length += 1) {
      const part = all.subarray(0, length);
      expect(messagesIn(part).map(({ value }) => value)).toEqual(['a', 'b', 'c']);
      expect(nextOffset(part)).toBe(3);
    }
  });

  test('nothing whole is nothing at all', () => {
    const [batch] = batches as [Buffer];
    for (let length = 0; length < batch.length; length += 1) {
      expect(messagesIn(batch.subarray(0, length))).toEqual([]);
      expect(nextOffset(batch.subarray(0, length))).toBeUndefined();
    }
  });
});

describe('what is damaged', () => {
  const batch = valuesAt(5, ['one', 'two', 'three']);
  const damaged = (change: (bytes: Buffer) => unknown): Buffer => {
    const copy = Buffer.from(batch);
    change(copy);
    return copy;
  };

  test.each([
    ['a length that is negative', (copy: Buffer) => copy.writeInt32BE(-12, 8)],
    ['a length of nothing', (copy: Buffer) => copy.writeInt32BE(0, 8)],
    ['a length that is shorter than its head', (copy: Buffer) => copy.writeInt32BE(48, 8)],
    ['a count beyond its records', (copy: Buffer) => copy.writeInt32BE(4, 57)],
    ['a count below nothing', (copy: Buffer) => copy.writeInt32BE(-1, 57)],
    ['a record without an end', (copy: Buffer) => copy.fill(0xff, 61)],
    ['a record longer than the batch', (copy: Buffer) => copy.writeUInt8(0x7e, 61)],
    ['a record of less than nothing', (copy: Buffer) => copy.writeUInt8(0x03, 61)],
    ['a key longer than its record', (copy: Buffer) => copy.writeUInt8(0x7e, 65)],
    ['a value longer than its record', (copy: Buffer) => copy.writeUInt8(0x7e, 66)],
  ])('%s is told', (_name, change) => {
    expect(failureOf(() => messagesIn(damaged(change)))).toBe(
      'badData: the record batch at offset 5 is damaged',
    );
  });

  test('its offset is told also where it is in a row, and what is ahead of it comes first', () => {
    const row = Buffer.concat([valuesAt(2, ['x', 'y', 'z']), damaged((copy) => copy.writeInt32BE(1, 8))]);
    const reading = recordBatches(row);
    expect(reading.next().value).toMatchObject({ firstOffset: 2, count: 3 });
    expect(failureOf(() => reading.next())).toBe('badData: the record batch at offset 5 is damaged');
    expect(nextOffset(row)).toBe(5);
  });

  test('a batch that begins with damage has no end that could be waited for', () => {
    expect(failureOf(() => nextOffset(damaged((copy) => copy.writeInt32BE(0, 8))))).toMatch(/^badData/);
  });

  test('property: a byte that changes harms nothing but what is read', () => {
    fc.assert(
      fc.property(fc.nat(batch.length - 1), fc.nat(255), (at, byte) => {
        const changed = damaged((copy) => (copy[at] = byte));
        const reading = failureOf(() => {
          for (const each of recordBatches(changed)) {
            const record = new RecordReader(each);
            while (record.next()) {
              expect(record.valueStart + Math.max(record.valueLength, 0)).toBeLessThanOrEqual(
                record.bytes.length,
              );
              record.headers();
            }
          }
          nextOffset(changed);
        });
        expect(reading).toMatch(/^no error$|^badData: /);
      }),
      { numRuns: 3000 },
    );
  });

  test('messages of the old format are refused with their number', () => {
    const message =
      'badData: records of message format 1 cannot be read: they were written by a client older than Kafka 0.11';
    expect(failureOf(() => messagesIn(javaBatch('format1')))).toBe(message);
    // It is shorter than the head of a batch, and must not look like one that is still to come.
    expect(failureOf(() => nextOffset(javaBatch('format1')))).toBe(message);
    expect(failureOf(() => messagesIn(Buffer.concat([batch, javaBatch('format1')])))).toBe(message);
  });
});
