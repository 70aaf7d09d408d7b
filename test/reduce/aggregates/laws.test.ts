// The laws that panes, workers and machines rely on: folding in pieces is folding at once, and states travel unharmed.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, stringifyJson, type Json } from '../../../src/envelope/json.ts';
import type { AnyAggregate } from '../../../src/reduce/aggregates/aggregate.ts';
import { exactUpTo } from '../../../src/reduce/aggregates/quantile-sketch.ts';
import { aggregateKinds } from '../../../src/reduce/aggregates/registry.ts';
import { aggregateOf, resultOf, seen, stateOf } from '../../helpers/aggregates.ts';

/** Whole numbers add up exactly, and so do their squares, so that equal means equal. */
const whole = fc.integer({ min: -(2 ** 20), max: 2 ** 20 });
const text = fc.string({ maxLength: 3 });
const large = fc.bigInt({ min: 2n ** 53n, max: 2n ** 60n });
const value = fc.oneof(whole, text, large);
const anything = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  text,
  fc.boolean(),
  fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
  fc.record({ a: text }),
);

const few = (values: fc.Arbitrary<Json>): fc.Arbitrary<Json[]> => fc.array(values, { maxLength: 12 });

/** Lists around the length at which sketches stop to be exact, without the work of making each element. */
const many = fc
  .record({ length: fc.integer({ min: 0, max: 700 }), seed: fc.nat(), spread: fc.constantFrom(7, 1000, 1e9) })
  .map(({ length, seed, spread }) =>
    Array.from({ length }, (_, index): Json => (Math.imul(index + seed, 0x9e3779b1) >> 3) % spread),
  );

const numbers = fc.oneof(few(fc.oneof(whole, large)), many);
const values = fc.oneof(few(anything), many);

type Law = {
  readonly expression: string;
  readonly values: fc.Arbitrary<Json[]>;
  /** Whether it is the same in any order. */
  readonly isOrderFree: boolean;
};

const laws: Law[] = [
  { expression: 'count', values: few(value), isOrderFree: true },
  { expression: 'sum(x)', values: few(whole), isOrderFree: true },
  { expression: 'avg(x)', values: few(whole), isOrderFree: true },
  { expression: 'share(x>1)', values: few(fc.boolean()), isOrderFree: true },
  { expression: 'min(x)', values: few(value), isOrderFree: true },
  { expression: 'max(x)', values: few(value), isOrderFree: true },
  { expression: 'first(x)', values: few(anything), isOrderFree: false },
  { expression: 'last(x)', values: few(anything), isOrderFree: false },
  { expression: 'var(x)', values: few(whole), isOrderFree: true },
  { expression: 'stddev(x)', values: few(whole), isOrderFree: true },
  { expression: 'median(x)', values: numbers, isOrderFree: true },
  { expression: 'p99.9(x)', values: numbers, isOrderFree: true },
  { expression: 'distinct(x)', values, isOrderFree: true },
  { expression: '~distinct(x)', values, isOrderFree: true },
  // Not more different values than it counts exactly.
  { expression: 'top(5, x)', values: few(anything), isOrderFree: true },
  { expression: 'mode(x)', values: few(anything), isOrderFree: true },
  { expression: 'rate', values: few(value), isOrderFree: true },
  { expression: 'rate(x)', values: few(whole), isOrderFree: true },
  { expression: 'histogram(x, 0.3)', values: few(whole), isOrderFree: true },
  { expression: 'histogram(x, 1024)', values: numbers, isOrderFree: true },
  { expression: 'histogram(x, -5, 0, 3.5)', values: numbers, isOrderFree: true },
  { expression: 'collect(x)', values: few(anything), isOrderFree: false },
  { expression: 'collect(x, 5)', values: few(anything), isOrderFree: false },
];

test('every aggregate is here', () => {
  const names = new Set(laws.map(({ expression }) => aggregateOf(expression).name));
  expect(aggregateKinds.filter(({ name, pattern }) => !pattern && !names.has(name))).toEqual([]);
});

const interval = { start: 0, end: 10_000 };

type Folding = {
  readonly aggregate: AnyAggregate;
  readonly of: (list: readonly Json[]) => unknown;
  readonly bytes: (state: unknown) => string;
  readonly shown: (state: unknown) => string;
};

function foldingOf(expression: string): Folding {
  const aggregate = aggregateOf(expression);
  return {
    aggregate,
    of: (list) => stateOf(aggregate, list),
    bytes: (state) => seen(aggregate, state),
    shown: (state) => stringifyJson(aggregate.result(state, interval)),
  };
}

describe.each(laws)('$expression', ({ expression, values: lists }) => {
  const { aggregate, of, bytes, shown } = foldingOf(expression);

  test('merge is associative, and folding in pieces is folding at once', () => {
    fc.assert(
      fc.property(lists, lists, lists, (one, other, third) => {
        const left = aggregate.merge(aggregate.merge(of(one), of(other)), of(third));
        const right = aggregate.merge(of(one), aggregate.merge(of(other), of(third)));
        const atOnce = of([...one, ...other, ...third]);
        expect(bytes(left)).toBe(bytes(atOnce));
        expect(bytes(right)).toBe(bytes(atOnce));
        expect(shown(left)).toBe(shown(atOnce));
      }),
    );
  });

  test('what is merged stays as it is, and init is neutral', () => {
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const state = of(one);
        const before = bytes(state);
        let all = aggregate.merge(aggregate.init(), state);
        expect(bytes(all)).toBe(before);
        for (const each of other) all = aggregate.add(all, each);
        all = aggregate.merge(all, of(other));
        expect(bytes(state)).toBe(before);
        expect(bytes(aggregate.merge(of(one), aggregate.init()))).toBe(before);
      }),
    );
  });

  test('a state comes back as it was encoded, and goes on like one', () => {
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const decoded = aggregate.decode(parseJson(bytes(of(one))));
        expect(bytes(decoded)).toBe(bytes(of(one)));
        expect(bytes(aggregate.merge(decoded, of(other)))).toBe(bytes(of([...one, ...other])));
      }),
    );
  });
});

test.each(laws.filter(({ isOrderFree }) => isOrderFree))(
  '$expression: the order shows nowhere',
  ({ expression, values: lists }) => {
    const { aggregate, of, bytes } = foldingOf(expression);
    const shuffled = lists.chain((list) =>
      fc.record({ list: fc.constant(list), keys: fc.infiniteStream(fc.nat()) }),
    );
    fc.assert(
      fc.property(shuffled, fc.nat(20), ({ list, keys }, cut) => {
        const order = list.map((each) => ({ each, key: keys.next().value as number }));
        const other = order.toSorted((left, right) => left.key - right.key).map(({ each }) => each);
        const pieces = aggregate.merge(of(other.slice(0, cut)), of(other.slice(cut)));
        expect(bytes(pieces)).toBe(bytes(of(list)));
      }),
    );
  },
);

test.each(laws.filter(({ expression }) => 'subtract' in aggregateOf(expression)))(
  '$expression: what was merged can be taken away',
  ({ expression, values: lists }) => {
    const { aggregate, of, bytes } = foldingOf(expression);
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const rest = aggregate.subtract?.(aggregate.merge(of(one), of(other)), of(one));
        // Only of many numbers, of which sketches are made, it may not be known.
        if (rest === undefined) expect(one.length + other.length).toBeGreaterThan(exactUpTo);
        else expect(bytes(rest)).toBe(bytes(of(other)));
      }),
    );
  },
);

test.each(laws.filter(({ expression }) => aggregateOf(expression).fromResult))(
  '$expression: final values can be merged',
  ({ expression, values: lists }) => {
    const { aggregate, of, shown } = foldingOf(expression);
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const again = (list: Json[]): unknown => aggregate.fromResult?.(aggregate.result(of(list)));
        expect(shown(aggregate.merge(again(one), again(other)))).toBe(shown(of([...one, ...other])));
      }),
    );
  },
);

test.each(['sum(x)', 'avg(x)', 'var(x)'])('%s past the largest double travels', (expression) => {
  const { aggregate, of, bytes } = foldingOf(expression);
  const decoded = aggregate.decode(parseJson(bytes(of([1e308, 1e308]))));
  expect(aggregate.result(aggregate.merge(of([1]), decoded))).toEqual(
    aggregate.result(of([1, 1e308, 1e308])),
  );
});

describe('subtract where it would not be exact', () => {
  test.each<[string, Json[], Json[]]>([
    ['sum(x)', [0.1, 0.2], [0.1]],
    ['sum(x)', [2 ** 53, 1], [1]],
    ['avg(x)', [0.1, 0.2], [0.1]],
    ['rate(x)', [0.1, 0.2], [0.1]],
    ['var(x)', [0.1, 0.2], [0.1]],
    ['var(x)', [2 ** 40], [2 ** 40]],
  ])('%s: %j without %j', (expression, all, some) => {
    const aggregate = aggregateOf(expression);
    const state = stateOf(aggregate, all);
    const before = seen(aggregate, state);
    expect(aggregate.subtract?.(state, stateOf(aggregate, some))).toBeUndefined();
    expect(seen(aggregate, state)).toBe(before);
  });
});

describe('decode', () => {
  const anyJson: Json[] = [
    true,
    {},
    'text',
    3.5,
    -1,
    [[]],
    ['a', 'b'],
    [1, 'a'],
    [[1, 2], 'a'],
    [1, [1, 2, 3]],
  ];

  /** Where a text, a number or a list may be a state, too. */
  const fitting: Record<string, Json[]> = {
    'sum(x)': [],
    'min(x)': ['text', 3.5, -1],
    'distinct(x)': anyJson.filter(Array.isArray),
    '~distinct(x)': [],
    'collect(x)': [],
  };

  test.each(
    laws.filter(({ expression }) => !/^(first|last)/.test(expression)).map(({ expression }) => expression),
  )('%s refuses what is no state', (expression) => {
    const aggregate = aggregateOf(expression);
    const name = expression.replace('max', 'min');
    for (const json of anyJson.filter((each) => !(fitting[name] ?? []).includes(each))) {
      expect(aggregate.decode(json), stringifyJson(json)).toBeUndefined();
    }
  });

  test.each<[string, Json]>([
    ['median(x)', { min: 1, max: 2, counts: [[1, 3]] }],
    ['median(x)', { min: 1, max: 2, counts: [[1, -600]] }],
    ['median(x)', Array.from({ length: 513 }, () => 1)],
    ['~distinct(x)', [2 ** 53]],
    ['~distinct(x)', '0'.repeat(100)],
    ['~distinct(x)', '~'.repeat(2 ** 14)],
    ['collect(x, 1)', [[1, 2], 0]],
    ['top(1, x)', [0, ['a', 0, 0]]],
    ['top(1, x)', [-1]],
    ['histogram(x, 1)', [[1, 0]]],
    ['avg(x)', [[1, 2], -1]],
    ['share(x>1)', [2, 1]],
  ])('%s refuses it, case %#', (expression, json) => {
    expect(aggregateOf(expression).decode(json)).toBeUndefined();
  });

  test.each<[string, Json]>([
    ['count', -1],
    ['sum(x)', 'a'],
    ['collect(x)', 'a'],
    ['histogram(x, 1)', [{ from: null, to: 1, count: 1 }]],
    ['histogram(x, 1)', [{ from: 1, to: 2 }]],
    ['histogram(x, 1)', 3],
  ])('%s: %j is no final value', (expression, json) => {
    expect(aggregateOf(expression).fromResult?.(json)).toBeUndefined();
  });
});

test('property: a sum hardly depends on the order', () => {
  const doubles = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { maxLength: 30 });
  fc.assert(
    fc.property(doubles, (list) => {
      const forth = resultOf('sum(x)', list) as number;
      const back = resultOf('sum(x)', list.toReversed()) as number;
      expect(Math.abs(forth - back)).toBeLessThanOrEqual(Math.abs(forth) * 2 ** -52 + 1e-15);
    }),
  );
});
