import { expect, test } from 'vitest';
import { byTopic, keyOf, partitionOf } from '../../src/kafka/partition.ts';

test.each([
  { topic: 'orders', partition: 0 },
  { topic: 'or.der_s-1', partition: 1234 },
  { topic: 'constructor', partition: 7 },
])('%j and what a job calls it', (partition) => {
  expect(keyOf(partition)).toBe(`${partition.topic}/${partition.partition}`);
  expect(partitionOf(keyOf(partition))).toEqual(partition);
});

test('partitions are asked for by topic, in order', () => {
  const partitions = [
    { topic: 'b', partition: 1 },
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 0 },
    { topic: '__proto__', partition: 2 },
  ];
  expect(byTopic(partitions, ({ partition }) => partition)).toEqual([
    { topic: 'b', partitions: [1, 0] },
    { topic: 'a', partitions: [0] },
    { topic: '__proto__', partitions: [2] },
  ]);
  expect(byTopic([], () => 0)).toEqual([]);
});
