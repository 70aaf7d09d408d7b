import { expect, test } from 'vitest';
import { addTo, mergeTotals, totalOf, type Total } from '../../../src/reduce/aggregates/total.ts';

function totalFor(values: readonly number[]): Total {
  const total = { sum: 0, compensation: 0 };
  for (const value of values) addTo(total, value);
  return total;
}

test.each([
  [[1], [Infinity], Infinity],
  [[Infinity], [1], Infinity],
  [[], [-Infinity, 2], -Infinity],
  [[1e308], [1e308], Infinity],
  [[0.1, 0.2], [0.3], 0.6],
])('%j and %j put together', (one, other, expected) => {
  const total = totalFor(one);
  mergeTotals(total, totalFor(other));
  expect(totalOf(total)).toBe(expected);
});
