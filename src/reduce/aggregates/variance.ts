// var and stddev of a sample, from compensated sums of the numbers and of their squares: unlike running means these come out the
// same in whatever order numbers are added and states are merged.
import { ofField, type Aggregate } from './aggregate.ts';
import { asCount } from './count.ts';
import {
  addTo,
  decodeTotal,
  encodeTotal,
  isExactInteger,
  mergeTotals,
  subtractTotal,
  type Total,
} from './total.ts';

type Moments = { count: number; sum: Total; squares: Total };

function moments(name: string, resultOf: (variance: number) => number): Aggregate<Moments> {
  return {
    name,
    takes: 'number',
    init: () => ({
      count: 0,
      sum: { sum: 0, compensation: 0 },
      squares: { sum: 0, compensation: 0 },
    }),
    add(state, value) {
      const number = Number(value);
      const square = number * number;
      addTo(state.sum, number);
      addTo(state.squares, square);
      state.squares.compensation += productError(number, number, square);
      state.count += 1;
      return state;
    },
    merge(state, other) {
      mergeTotals(state.sum, other.sum);
      mergeTotals(state.squares, other.squares);
      state.count += other.count;
      return state;
    },
    subtract(state, other) {
      const totals = [state.sum, other.sum, state.squares, other.squares];
      if (!totals.every(isExactInteger)) return undefined;
      if (!subtractTotal(state.sum, other.sum)) return undefined;
      subtractTotal(state.squares, other.squares);
      state.count -= other.count;
      return state;
    },
    result(state) {
      if (state.count < 2) return null;
      const variance = varianceOf(state);
      return Number.isFinite(variance) ? resultOf(variance) : null;
    },
    encode: (state) => [state.count, encodeTotal(state.sum), encodeTotal(state.squares)],
    decode(json) {
      if (!Array.isArray(json) || json.length !== 3) return undefined;
      const [count, sum, squares] = [asCount(json[0]), decodeTotal(json[1]), decodeTotal(json[2])];
      return count !== undefined && sum && squares ? { count, sum, squares } : undefined;
    },
  };
}

/** (n·Σx² − (Σx)²) / n(n−1), in twice a double's precision as far as the difference, where digits would go missing. */
function varianceOf({ count, sum, squares }: Moments): number {
  const [total, totalRest] = parts(sum);
  const [square, squareRest] = parts(squares);
  const [minuend, subtrahend] = [count * square, total * total];
  const minuendRest = productError(count, square, minuend) + count * squareRest;
  const subtrahendRest = productError(total, total, subtrahend) + 2 * total * totalRest;
  const difference = { sum: minuend, compensation: minuendRest - subtrahendRest };
  addTo(difference, -subtrahend);
  return Math.max(0, (difference.sum + difference.compensation) / (count * (count - 1)));
}

/** The nearest double to a total, and what is left then. */
function parts({ sum, compensation }: Total): [number, number] {
  const nearest = sum + compensation;
  return [nearest, compensation - (nearest - sum)];
}

/** What the rounded `product` of two numbers lacks (Dekker): the halves of 26 bits multiply without rounding. */
function productError(one: number, other: number, product: number): number {
  const [high, low] = halves(one);
  const [otherHigh, otherLow] = halves(other);
  return high * otherHigh - product + high * otherLow + low * otherHigh + low * otherLow;
}

function halves(number: number): [number, number] {
  const shifted = number * (2 ** 27 + 1);
  const high = shifted - (shifted - number);
  return [high, number - high];
}

export const varKind = ofField(
  moments('var', (variance) => variance),
  'variance of a sample (divided by n − 1); null below two values',
  'var(ms)',
);
export const stddevKind = ofField(
  moments('stddev', Math.sqrt),
  'standard deviation of a sample, the root of var',
  'stddev(ms)',
);
