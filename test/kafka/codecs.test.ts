import { gzipSync } from 'node:zlib';
import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js';
import { describe, expect, test } from 'vitest';
import { unpack } from '../../src/kafka/codecs.ts';
import { failureOf } from '../helpers/envelopes.ts';
import { javaBatch } from './java-batches.ts';
import { messagesIn, valuesAt } from './support.ts';

type Pack = (bytes: Uint8Array) => Uint8Array;

const load = createRequire(import.meta.url);
const { compress: packLz4 } = load('lz4js') as { compress: Pack };
const { compress: packSnappy } = load('snappyjs') as { compress: Pack };

const [gzip, snappy, lz4, zstd] = [1, 2, 3, 4] as const;

/** As Java frames blocks: a magic, two versions, then each block behind its length. */
function xerial(bytes: Buffer, blockSize: number): Buffer {
  const pieces = [Buffer.from('82534e41505059000000000100000001', 'hex')];
  for (let at = 0; at < bytes.length; at += blockSize) {
    const block = packSnappy(bytes.subarray(at, at + blockSize));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    pieces.push(length, Buffer.from(block));
  }
  return Buffer.concat(pieces);
}

/** A batch of one record, so packed. */
function packedBatch(body: Buffer, codec: number): Buffer {
  const head = Buffer.from(valuesAt(70, ['v']).subarray(0, 61));
  const batch = Buffer.concat([head, body]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(codec, 21);
  batch.writeUInt32BE(crc32C(batch.subarray(21)), 17);
  return batch;
}

const text = 'Kafka packs records. '.repeat(6);

describe('bytes that other programs have packed', () => {
  test.each([
    ['snappy', snappy, '7e504b61666b61207061636b73207265636f7264732e20fe1500a21500'],
    [
      'snappy in two blocks',
      snappy,
      `82534e41505059000000000100000001${'0000001d7e504b61666b61207061636b73207265636f7264732e20fe1500a21500'.repeat(2)}`,
    ],
    [
      'lz4',
      lz4,
      '04224d184070df20000000ff064b61666b61207061636b73207265636f7264732e20150051507264732e2000000000',
    ],
    ['lz4 that does not pack', lz4, '04224d186040820500008068656c6c6f00000000'],
    ['zstd', zstd, '28b52ffd207ee50000a84b61666b61207061636b73207265636f7264732e2001000da69309'],
    ['gzip', gzip, gzipSync(text).toString('hex')],
  ])('%s', (name, codec, hex) => {
    const expected = { 'snappy in two blocks': text + text, 'lz4 that does not pack': 'hello' }[name] ?? text;
    expect(unpack(Buffer.from(hex, 'hex'), codec).toString()).toBe(expected);
  });

  test.each(['largeGzip', 'largeLz4', 'largeZstd'] as const)(
    'more than two blocks of the Java client: %s',
    (name) => {
      expect(messagesIn(javaBatch(name)).map(({ value }) => value)).toEqual(['ab'.repeat(75_000), 'end']);
    },
  );
});

describe('property: what was packed comes back', () => {
  const bytes = fc
    .tuple(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 60 }))
    .map(([piece, times]) => Buffer.concat(Array.from({ length: times }, () => piece)));

  test.each<[string, number, (bytes: Buffer) => Uint8Array]>([
    ['plain', 0, (given) => given],
    ['gzip', gzip, gzipSync],
    ['snappy', snappy, packSnappy],
    ['snappy in blocks', snappy, (given) => xerial(given, 1000)],
    ['lz4', lz4, packLz4],
  ])('%s', (_name, codec, pack) => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(unpack(Buffer.from(pack(given)), codec).equals(given)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

test.each([5, 6, 7])('codec %d is not known', (codec) => {
  expect(failureOf(() => unpack(Buffer.from('x'), codec))).toBe(
    `badData: records are packed in a way that is not known: ${codec}`,
  );
});

describe('what is damaged is told by its offset', () => {
  test.each([
    ['gzip', gzip],
    ['snappy', snappy],
    ['lz4', lz4],
    ['zstd', zstd],
  ])('%s whose checksum is right', (_name, codec) => {
    for (const damage of ['no such bytes', '', '\xff\xff\xff\xff\xff\xff']) {
      const bytes = packedBatch(Buffer.from(damage, 'latin1'), codec);
      expect(failureOf(() => messagesIn(bytes))).toBe('badData: the record batch at offset 70 is damaged');
    }
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('property: a byte of %s that changes', (name) => {
    const batch = javaBatch(name);
    fc.assert(
      fc.property(fc.integer({ min: 61, max: batch.length - 1 }), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(batch);
        changed[at] = byte;
        const expected =
          batch[at] === byte ? 'no error' : 'badData: the record batch at offset 1000 is damaged';
        expect(failureOf(() => messagesIn(changed))).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});
