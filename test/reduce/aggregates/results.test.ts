// What each aggregate gives for values, and what it has to say about them.
import { describe, expect, test } from 'vitest';
import type { Interval } from '../../../src/envelope/envelope.ts';
import type { Json } from '../../../src/envelope/json.ts';
import { aggregateOf, resultOf, stateOf } from '../../helpers/aggregates.ts';
import { failureOf } from '../../helpers/envelopes.ts';

type Values = readonly Json[];

const tenths = Array.from({ length: 10 }, () => 0.1);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('result', () => {
  test.each<[string, Values, Json]>([
    ['count', [], 0],
    ['count', [1, 'a', true], 3],
    ['sum(x)', [], 0],
    ['sum(x)', [1, 2, 3.5], 6.5],
    ['sum(x)', tenths, 1],
    ['sum(x)', [1, 1e100, 1, -1e100], 2],
    ['sum(x)', [1e16, 1, 1, -1e16], 2],
    ['sum(x)', [10n ** 20n, 1], 1e20],
    ['sum(x)', [2n ** 60n + 1n, -(2n ** 60n)], 1],
    ['sum(x)', [10n ** 400n], Infinity],
    ['sum(x)', [1e308, 1e308], Infinity],
    ['avg(x)', [], null],
    ['avg(x)', [1, 2, 6], 3],
    ['avg(x)', tenths, 0.1],
    ['share(x>1)', [], null],
    ['share(x>1)', [true, false, false, true, true], 0.6],
    ['min(x)', [], null],
    ['min(x)', [3, -1, 2], -1],
    ['min(x)', ['b', 'a'], 'a'],
    ['min(x)', ['a', 5], 5],
    ['min(x)', [9007199254740993n, 9007199254740992], 9007199254740992],
    ['max(x)', [], null],
    ['max(x)', [3, -1, 2], 3],
    ['max(x)', [3, 'a', 'b'], 'b'],
    ['max(x)', ['\uffff', '\u{10000}'], '\u{10000}'],
    ['max(x)', [9007199254740993n, 9007199254740992], 9007199254740993n],
    ['first(x)', [], null],
    ['first(x)', ['b', 'a', 'c'], 'b'],
    ['first(x)', [false, true], false],
    ['last(x)', [], null],
    ['last(x)', ['b', 'a', { c: 1 }], { c: 1 }],
    ['var(x)', [], null],
    ['var(x)', [5], null],
    ['var(x)', [1, 2, 3, 4], 5 / 3],
    ['var(x)', [2, 2, 2], 0],
    // Running means and naive sums of squares lose all digits here.
    ['var(x)', [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], 30],
    ['var(x)', [1e15 + 4, 1e15 + 7, 1e15 + 13, 1e15 + 16], 30],
    ['var(x)', tenths, 0],
    ['var(x)', [1e200, -1e200], null],
    ['stddev(x)', [2, 4, 4, 4, 5, 5, 7, 9], Math.sqrt(32 / 7)],
    ['stddev(x)', [1], null],
    ['median(x)', [], null],
    ['median(x)', [7], 7],
    ['median(x)', [3, 1, 2], 2],
    ['median(x)', [4, 1, 3, 2], 2.5],
    ['p50(x)', [4, 1, 3, 2], 2],
    ['p0(x)', upTo(10), 1],
    ['p7(x)', upTo(100), 7],
    ['p99(x)', upTo(100), 99],
    ['p99.9(x)', upTo(100), 100],
    ['p100(x)', upTo(10), 10],
    ['p50(x)', [], null],
    ['p50(x)', [-3, 0, -0, 10n ** 20n], 0],
    ['p100(x)', [1, Infinity], Number.MAX_VALUE],
    // Beyond 512 numbers: integers up to 256 as they are, others within a 256th, ends as they are.
    ['p10(x)', upTo(1000), 100],
    ['p50(x)', upTo(1000), 500],
    ['p99(x)', upTo(1000), 992],
    ['p0(x)', upTo(1001), 1],
    ['p100(x)', upTo(1001), 1001],
    ['median(x)', upTo(1001), 502],
    ['distinct(x)', [], 0],
    ['distinct(x)', [1, '1', 1, true, 'true', null, [1], [1], '\u0000[1]', { a: 1 }], 8],
    ['~distinct(x)', [], 0],
    ['~distinct(x)', [1, '1', 1, true, 'true', [1], [1]], 5],
    ['~distinct(x)', [...upTo(512), ...upTo(512)], 512],
    ['top(2, x)', [], []],
    [
      'top(2, x)',
      ['a', 'b', 'b', 'c', 'a', 'b'],
      [
        { value: 'b', count: 3 },
        { value: 'a', count: 2 },
      ],
    ],
    [
      'top(3, x)',
      ['b', 2, 10, 'a'],
      [
        { value: 2, count: 1 },
        { value: 10, count: 1 },
        { value: 'a', count: 1 },
      ],
    ],
    ['mode(x)', [], null],
    ['mode(x)', [3, 1, 2, 1], 1],
    ['mode(x)', ['b', 'a'], 'a'],
    ['histogram(x, 10)', [], []],
    [
      'histogram(x, 10)',
      [0, 9.99, 10, -1, 35],
      [
        { from: -10, to: 0, count: 1 },
        { from: 0, to: 10, count: 2 },
        { from: 10, to: 20, count: 1 },
        { from: 30, to: 40, count: 1 },
      ],
    ],
    [
      'histogram(x, 0.1)',
      [0.3, 0.7],
      [
        { from: 0.3, to: 0.4, count: 1 },
        { from: 0.7, to: 0.8, count: 1 },
      ],
    ],
    [
      'histogram(x, 1, 10)',
      [10, 0.5, 10.5],
      [
        { from: null, to: 1, count: 1 },
        { from: 1, to: 10, count: 0 },
        { from: 10, to: null, count: 2 },
      ],
    ],
    ['collect(x)', [3, 'a', 3], [3, 'a', 3]],
    ['collect(x, 2)', [3, 'a', 3], [3, 'a']],
    ['collect(x)', upTo(1001), upTo(1000)],
  ])('%s, case %#', (expression, values, expected) => {
    const result = resultOf(expression, values);
    if (typeof expected === 'number' && !Number.isInteger(expected)) expect(result).toBeCloseTo(expected, 12);
    else expect(result).toEqual(expected);
  });
});

describe('rate', () => {
  const tenSeconds = { start: 5000, end: 15_000 };

  test.each<[string, Values, Json]>([
    ['rate', [], 0],
    ['rate', [true, true, true], 0.3],
    ['rate(x)', [10, 20], 3],
    ['rate(x)', [], 0],
  ])('%s of %o in ten seconds: %d', (expression, values, expected) => {
    const aggregate = aggregateOf(expression);
    expect(aggregate.result(stateOf(aggregate, values), tenSeconds)).toBe(expected);
    expect(aggregate.fromResult).toBeUndefined();
  });

  test.each<Interval | undefined>([undefined, { ...tenSeconds, unit: 'records' }])(
    'has no seconds in %j',
    (interval) => {
      expect(failureOf(() => aggregateOf('rate').result(3, interval))).toMatch(
        /^usage: rate needs to know the seconds/,
      );
    },
  );
});

describe('caveat', () => {
  test.each<[string, Values, string | undefined]>([
    ['sum(x)', [2 ** 53 - 1], undefined],
    ['sum(x)', [2 ** 53 - 1, 2], 'passed 2^53: its results are rounded'],
    ['sum(x)', [-(2 ** 53), -1], 'passed 2^53: its results are rounded'],
    ['sum(x)', [2n ** 60n], 'passed 2^53: its results are rounded'],
    ['sum(x)', [2 ** 53, 2, 0.5], undefined],
    ['avg(x)', [2 ** 53, 1], 'passed 2^53: its results are rounded'],
    ['rate(x)', [2 ** 53, 1], 'passed 2^53: its results are rounded'],
    ['collect(x, 2)', upTo(3), undefined],
    ['collect(x)', upTo(1000), undefined],
    [
      'collect(x)',
      upTo(1001),
      'left values out: it keeps the first 1000 of a row; collect(FIELD, N) keeps N',
    ],
  ])('%s, case %#', (expression, values, expected) => {
    const aggregate = aggregateOf(expression);
    expect(aggregate.caveat?.(stateOf(aggregate, values))).toBe(expected);
  });
});
