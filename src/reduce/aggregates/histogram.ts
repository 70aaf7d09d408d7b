// histogram: how many values lie in each interval, of one width or between given bounds.
import type { Json } from '../../envelope/json.ts';
import { SluiceError } from '../../errors.ts';
import type { Aggregate, AggregateKind } from './aggregate.ts';
import { isNumber } from './compare.ts';
import { asCount } from './count.ts';

/** Number of the interval → values in it; without those that have none. */
type Counts = Map<number, number>;

type Intervals = {
  /** The interval a value lies in, from its lower bound up to, without, its upper bound. */
  readonly indexOf: (value: number) => number;
  /** Null where it has no end. */
  readonly boundsOf: (index: number) => readonly [number | null, number | null];
  /** Shown in any case; undefined: those that have values. */
  readonly all?: readonly number[];
};

function ofWidth(width: number): Intervals {
  // Without the noise of 3 * 0.1 = 0.30000000000000004.
  const bound = (index: number): number => {
    const product = index * width;
    return Number.isInteger(product) ? product : Number(product.toPrecision(15));
  };
  return {
    indexOf(value) {
      const index = Math.floor(value / width);
      return index + Number(value >= bound(index + 1)) - Number(value < bound(index));
    },
    boundsOf: (index) => [bound(index), bound(index + 1)],
  };
}

function between(bounds: readonly number[]): Intervals {
  const all = Array.from({ length: bounds.length + 1 }, (_, index) => index);
  return {
    indexOf: (value) => bounds.filter((bound) => value >= bound).length,
    boundsOf: (index) => [bounds[index - 1] ?? null, bounds[index] ?? null],
    all,
  };
}

function histogram({ indexOf, boundsOf, all }: Intervals): Aggregate<Counts> {
  const addAt = (state: Counts, index: number, count: number): Counts => {
    const sum = (state.get(index) ?? 0) + count;
    return sum === 0 ? (state.delete(index), state) : state.set(index, sum);
  };
  const inOrder = (state: Counts): [number, number][] => [...state].toSorted(([one], [other]) => one - other);
  return {
    name: 'histogram',
    takes: 'number',
    init: () => new Map(),
    add: (state, value) => addAt(state, indexOf(Number(value)), 1),
    merge(state, other) {
      for (const [index, count] of other) addAt(state, index, count);
      return state;
    },
    subtract(state, other) {
      for (const [index, count] of other) addAt(state, index, -count);
      return state;
    },
    result(state) {
      const shown = all?.map((index) => [index, state.get(index) ?? 0] as const) ?? inOrder(state);
      return shown.map(([index, count]) => {
        const [from, to] = boundsOf(index);
        return { from, to, count };
      });
    },
    encode: inOrder,
    decode(json) {
      const state: Counts = new Map();
      for (const entry of Array.isArray(json) ? json : [undefined]) {
        const [index = null, count] = Array.isArray(entry) ? entry : [];
        if (!isNumber(index) || !asCount(count)) return undefined;
        addAt(state, Number(index), Number(count));
      }
      return state;
    },
    fromResult(json) {
      const state: Counts = new Map();
      for (const row of Array.isArray(json) ? json : [undefined]) {
        const { from = '', count } = (row ?? {}) as { [name: string]: Json };
        if (!isNumber(from) && !(all && from === null)) return undefined;
        if (asCount(count) === undefined) return undefined;
        addAt(state, from === null ? 0 : indexOf(Number(from)), Number(count));
      }
      return state;
    },
  };
}

export const histogramKind: AggregateKind = {
  name: 'histogram',
  usage: 'histogram(FIELD, WIDTH), histogram(FIELD, BOUND, BOUND…)',
  example: 'histogram(ms, 100) or histogram(ms, 10, 100, 1000)',
  summary:
    'list of {from, to, count}: values in [from, to), all of one width and only those that have values, or parted by bounds',
  call(argument) {
    const [, fieldName, texts] = /^(.+?),((?:\s*[-+.\w]+\s*,)*\s*[-+.\w]+\s*)$/.exec(argument ?? '') ?? [];
    const numbers = texts?.split(',').map(Number);
    if (fieldName === undefined || !numbers || !numbers.every(Number.isFinite)) return undefined;
    return { aggregate: histogram(intervalsFrom(numbers)), fieldName };
  },
};

function intervalsFrom(numbers: readonly number[]): Intervals {
  const [first = 0, ...others] = numbers;
  if (others.length === 0 && first > 0) return ofWidth(first);
  const isRising = others.every((bound, index) => bound > (numbers[index] as number));
  if (others.length > 0 && isRising) return between(numbers);
  throw new SluiceError(
    'usage',
    others.length === 0 ? 'the width of a histogram is above 0' : 'the bounds of a histogram have to rise',
    `write it like ${histogramKind.example}`,
  );
}
