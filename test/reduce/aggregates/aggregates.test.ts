// Each aggregate: what it gives for values, and that folding in pieces gives the same.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringifyJson, type Json } from '../../../src/envelope/json.ts';
import { findAggregate } from '../../../src/reduce/aggregates/registry.ts';

type Values = readonly Json[];

function aggregateOf(name: string): NonNullable<ReturnType<typeof findAggregate>> {
  const aggregate = findAggregate(name);
  if (!aggregate) throw new Error(`no aggregate ${name}`);
  return aggregate;
}

function stateOf(name: string, values: Values): unknown {
  const aggregate = aggregateOf(name);
  return values.reduce<unknown>((state, value) => aggregate.add(state, value), aggregate.init());
}

function resultOf(name: string, values: Values): Json {
  return aggregateOf(name).result(stateOf(name, values));
}

describe('result', () => {
  test.each<[string, Values, Json]>([
    ['count', [], 0],
    ['count', [1, 'a', null], 3],
    ['sum', [], 0],
    ['sum', [1, 2, 3.5], 6.5],
    ['sum', Array.from({ length: 10 }, () => 0.1), 1],
    ['sum', [1, 1e100, 1, -1e100], 2],
    ['sum', [1e16, 1, 1, -1e16], 2],
    ['sum', [10n ** 20n, 1], 1e20],
    ['sum', [1e308, 1e308], Infinity],
    ['avg', [], null],
    ['avg', [1, 2, 6], 3],
    ['avg', Array.from({ length: 10 }, () => 0.1), 0.1],
    ['min', [], null],
    ['min', [3, -1, 2], -1],
    ['min', ['b', 'a'], 'a'],
    ['min', ['a', 5], 5],
    ['min', [9007199254740993n, 9007199254740992], 9007199254740992],
    ['max', [], null],
    ['max', [3, -1, 2], 3],
    ['max', [3, 'a', 'b'], 'b'],
    ['max', ['\uffff', '\u{10000}'], '\u{10000}'],
    ['max', [9007199254740993n, 9007199254740992], 9007199254740993n],
  ])('%s of %o', (name, values, expected) => {
    expect(resultOf(name, values)).toEqual(expected);
  });
});

/** Whole numbers add up exactly, so that equal means equal. */
const whole = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
const value = fc.oneof(whole, fc.string(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 60n }));
const valuesFor: [string, fc.Arbitrary<Json[]>][] = [
  ['count', fc.array(value)],
  ['sum', fc.array(whole)],
  ['avg', fc.array(whole)],
  ['min', fc.array(value)],
  ['max', fc.array(value)],
];

describe.each(valuesFor)('%s', (name, values) => {
  const aggregate = aggregateOf(name);
  /** States may be changed by a merge, so each use makes its own. */
  const merged = (one: unknown, other: unknown): unknown => aggregate.merge(one, other);
  const seen = (state: unknown): string => stringifyJson(aggregate.encode(state));

  test('property: merge is associative, and folding in pieces is folding at once', () => {
    fc.assert(
      fc.property(values, values, values, (one, other, third) => {
        const of = (list: Values): unknown => stateOf(name, list);
        const left = merged(merged(of(one), of(other)), of(third));
        const right = merged(of(one), merged(of(other), of(third)));
        expect(seen(left)).toBe(seen(right));
        expect(aggregate.result(left)).toEqual(resultOf(name, [...one, ...other, ...third]));
      }),
    );
  });

  test('property: init is neutral', () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(seen(merged(aggregate.init(), stateOf(name, list)))).toBe(seen(stateOf(name, list)));
        expect(seen(merged(stateOf(name, list), aggregate.init()))).toBe(seen(stateOf(name, list)));
      }),
    );
  });

  test('property: a state comes back as it was encoded, and a result as it was', () => {
    fc.assert(
      fc.property(values, (list) => {
        const state = stateOf(name, list);
        expect(aggregate.decode(aggregate.encode(state))).toEqual(state);
        const result = aggregate.result(state);
        const again = aggregate.fromResult?.(result);
        if (aggregate.fromResult) expect(aggregate.result(again)).toEqual(result);
      }),
    );
  });

  test.each<Json>([{}, [], [1], ['a', 'b'], [1, 2, 3], true])('%j is no state', (json) => {
    expect(aggregate.decode(json)).toBeUndefined();
  });
});

test('property: a sum hardly depends on the order', () => {
  const doubles = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { maxLength: 30 });
  fc.assert(
    fc.property(doubles, (values) => {
      const forth = resultOf('sum', values) as number;
      const back = resultOf('sum', values.toReversed()) as number;
      expect(Math.abs(forth - back)).toBeLessThanOrEqual(Math.abs(forth) * 2 ** -52 + 1e-15);
    }),
  );
});
