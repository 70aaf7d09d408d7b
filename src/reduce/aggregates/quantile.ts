// median, and p50, p99, p99.9 …: quantiles by rank, from a sketch.
import { SluiceError } from '../../errors.ts';
import { ofField, type Aggregate, type AggregateKind, type OfRanks } from './aggregate.ts';
import {
  addNumber,
  atRank,
  decodeSketch,
  encodeSketch,
  exactUpTo,
  mergeSketches,
  newSketch,
  withoutNumbers,
  type Sketch,
} from './quantile-sketch.ts';

function quantile(name: string, ofRanks: OfRanks): Aggregate<Sketch> {
  return {
    name,
    takes: 'number',
    init: newSketch,
    add(state, value) {
      addNumber(state, Number(value));
      return state;
    },
    merge(state, other) {
      mergeSketches(state, other);
      return state;
    },
    // Of what has been rounded it would not be known whether the rest is few enough to be exact.
    subtract: (state, other) => (state.buckets ? undefined : withoutNumbers(state, other.values)),
    result: (state) => (state.count === 0 ? null : ofRanks(state.count, (rank) => atRank(state, rank))),
    ofRanks,
    encode: encodeSketch,
    decode: decodeSketch,
  };
}

/** The smallest number that `percent` of all do not exceed. */
function percentile(name: string, percent: number): Aggregate<Sketch> {
  // What rounding adds to a whole rank must not make it the next one.
  const rankOf = (count: number): number => Math.max(1, Math.ceil((percent * count) / 100 - 1e-9));
  return quantile(name, (count, numberAt) => numberAt(rankOf(count)));
}

/** The number in the middle, or the mean of the two. */
const median = quantile('median', (count, numberAt) => {
  const [left, right] = [Math.floor((count + 1) / 2), Math.floor(count / 2) + 1];
  const one = numberAt(left);
  return left === right ? one : one / 2 + numberAt(right) / 2;
});

export const medianKind = ofField(
  median,
  'the number in the middle, or the mean of the two; as exact as p50',
  'median(ms)',
);

export const percentileKind: AggregateKind = {
  name: 'p99',
  pattern: /^p\d+(\.\d+)?$/,
  usage: 'p50(FIELD) … p99.9(FIELD)',
  example: 'p99(ms)',
  summary: `quantile, p0 to p100: the smallest number that so many percent do not exceed; exact up to ${exactUpTo} numbers, beyond that within 0.4 % of it`,
  call(argument, name) {
    const percent = Number(name.slice(1));
    if (percent > 100)
      throw new SluiceError('usage', `${name} is no quantile`, 'they go from p0 to p100: p50, p99, p99.9');
    return argument === undefined ? undefined : { aggregate: percentile(name, percent), fieldName: argument };
  },
};
