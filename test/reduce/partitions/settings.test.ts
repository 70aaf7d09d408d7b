import { expect, test } from 'vitest';
import { planFrom } from '../../../src/reduce/plan.ts';
import { partitioningFrom } from '../../../src/reduce/partitions/settings.ts';

const planOf = (expression: string, by: string[], maxKeys?: number) =>
  planFrom({ by, words: false, partial: false, maxKeys }, [expression]);

test.each([
  ['nothing is said', {}, undefined, undefined],
  ['partitions are said', { partitions: 4 }, undefined, { partitions: 4, salt: 'auto' }],
  ['salt is said', { salt: '3' }, undefined, { partitions: 8, salt: 3 }],
  ['keys are bounded: the first ones are kept', {}, 10, undefined],
  ['keys are bounded, and nothing is to be split', { salt: 'off' }, 10, undefined],
] as const)('%s', (_, given, maxKeys, expected) => {
  expect(partitioningFrom(given, planOf('collect(x)', ['k'], maxKeys), false)).toEqual(expected);
});

test.each([
  [{ partitions: 4 }, 10, '--max-keys does not go with --partitions or --salt'],
  [{ salt: 'auto' }, 10, '--max-keys does not go with --partitions or --salt'],
  [{ salt: 'some' }, undefined, "--salt cannot be 'some'"],
  [{ partitions: 5000 }, undefined, '--partitions 5000 are too many'],
] as const)('%j with at most %s keys is refused', (given, maxKeys, message) => {
  expect(() => partitioningFrom(given, planOf('collect(x)', ['k'], maxKeys), false)).toThrow(message);
});
