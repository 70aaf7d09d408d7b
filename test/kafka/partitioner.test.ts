import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionFor } from '../../src/kafka/partitioner.ts';
import { murmur2 } from './oracle.ts';

test.each([
  ['', 9],
  ['a', 4],
  ['21', 0],
  ['foobar', 6],
  ['a-little-bit-long-string', 8],
  ['größer', 4],
  ['abcde', 1],
])('of twelve partitions, Java puts the key %j into %d', (key, partition) => {
  expect(partitionFor(Buffer.from(key), 12)).toBe(partition);
});

test('property: any key goes where kafkajs puts it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
      const theirs = (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
      expect(partitionFor(key, partitions)).toBe(theirs);
    }),
    { numRuns: 1000 },
  );
});
