// How far quantiles and numbers of distinct values are off, measured against exact results. The stated bounds are
// asserted, and the table in accuracy.md is written from what was measured (npx vitest run test/reduce -u).
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/envelope/json.ts';
import { createRandom, scatter } from '../../bench/random.js';
import { aggregateOf, resultOf, stateOf } from '../../helpers/aggregates.ts';

const random = createRandom(1);
const length = 100_000;

function list<Value>(make: (index: number) => Value): Value[] {
  return Array.from({ length }, (_, index) => make(index));
}

/** Zipf's law over so many values: the n-th is 1/n times as frequent as the first. */
function zipf(values: number): () => number {
  let sum = 0;
  const sums = Array.from({ length: values }, (_, index) => (sum += 1 / (index + 1)));
  return () => {
    const point = random() * sum;
    let [low, high] = [0, values - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < point) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

const ofThousands = zipf(10_000);
const ofMany = zipf(1_000_000);

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('');
}

const numberInputs: Record<string, number[]> = {
  'uniform, 0 to 1': list(() => random()),
  'uniform, whole, to a million': list(() => Math.floor(random() * 1e6)),
  'times: log-uniform, 0.1 to 10,000': list(() => 10 ** (random() * 5 - 1)),
  'Zipf, 10,000 values': list(ofThousands),
  'falling, 100,000 to 1': list((index) => length - index),
  'negative and positive': list(() => (random() - 0.5) * 1e3),
  'halfway between two buckets': list((index) => (257 + 2 * (index % 128)) * 2 ** (index % 11)),
  'far apart: 1e-300, 1, 1e300': list((index) => 10 ** (300 * ((index % 3) - 1))),
  'one value, and one far off': list((index) => (index === 0 ? 1e12 : 3)),
};

const quantiles = ['p1', 'p50', 'p90', 'p99', 'p99.9'];
const quantileRows: string[][] = [];

describe('quantiles are within a 256th of the exact ones', () => {
  test.each(Object.entries(numberInputs))('%s', (name, numbers) => {
    const sorted = numbers.toSorted((one, other) => one - other);
    const state = stateOf(aggregateOf('p50(x)'), numbers);
    const errors = quantiles.map((quantile) => {
      const aggregate = aggregateOf(`${quantile}(x)`);
      const share = Number(quantile.slice(1)) / 100;
      const exact = sorted[Math.ceil(share * length - 1e-9) - 1] as number;
      return Math.abs((aggregate.result(state) as number) - exact) / Math.abs(exact);
    });
    expect(Math.max(...errors)).toBeLessThanOrEqual(1 / 256);
    quantileRows.push([name, ...errors.map(percent)]);
  });
});

const distinctInputs: Record<string, Json[]> = {
  '1, 2, 3 …': list((index) => index),
  'multiples of 65,536': list((index) => index * 65_536),
  'uniform, whole, to a million': list(() => Math.floor(random() * 1e6)),
  fractions: list(() => random()),
  'Zipf, a million values': list(ofMany),
  'Zipf, 10,000 values': list(ofThousands),
  'text that differs in one place': list((index) => `${'x'.repeat(40)}${index}${'y'.repeat(40)}`),
  'texts of zeros and ones': list((index) => index.toString(2)),
  'IPv4 addresses': list((index) => [24, 16, 8, 0].map((bits) => (scatter(index) >>> bits) & 255).join('.')),
  'lists of two': list((index) => [index % 300, Math.floor(index / 300)]),
};

const sizes = [1000, 10_000, 100_000];
const distinctRows: string[][] = [];

describe('~distinct is within four standard errors', () => {
  test.each(Object.entries(distinctInputs))('%s', (name, values) => {
    const errors = sizes.map((size) => {
      const some = values.slice(0, size);
      const exact = resultOf('distinct(x)', some) as number;
      return ((resultOf('~distinct(x)', some) as number) - exact) / exact;
    });
    for (const error of errors) expect(Math.abs(error)).toBeLessThan(4 * 0.0081);
    distinctRows.push([name, ...errors.map(percent)]);
  });

  test('and by its standard error on average', () => {
    const errors = Array.from({ length: 60 }, (_, run) => {
      const values = Array.from({ length: 20_000 }, (_entry, index) => `${run}/${index}`);
      return (resultOf('~distinct(x)', values) as number) / 20_000 - 1;
    });
    const meanSquare = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
    expect(Math.sqrt(meanSquare)).toBeLessThan(0.0081 * 1.3);
    expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / errors.length)).toBeLessThan(0.0081 / 2);
  });
});

const topInputs: Record<string, Json[]> = {
  'Zipf, 10,000 values': list(ofThousands),
  'Zipf, a million values': list(ofMany),
  'all different': list((index) => index),
  'one in ten the same, the rest new': list((index) => (index % 10 === 0 ? 'hot' : index)),
  // Each comes as often as the others, in rounds: what was evicted comes back.
  'rounds of 5,000 values': list((index) => index % 5000),
  'hot at the end': list((index) => (index > length - 2000 ? 'late' : index)),
};

type Ranked = { value: Json; count: number; error?: number };
const topRows: string[][] = [];

describe('top: a count is too high by its error at the most, and that is a thousandth of the records', () => {
  test.each(Object.entries(topInputs))('%s', (name, values) => {
    const exact = new Map<Json, number>();
    for (const value of values) exact.set(value, (exact.get(value) ?? 0) + 1);
    const aggregate = aggregateOf('top(10, x)');
    // In pieces that are merged, as panes are.
    const pieces = [0, 1, 2, 3].map((piece) =>
      values.slice((piece * length) / 4, ((piece + 1) * length) / 4),
    );
    const merged = pieces.reduce(
      (state, piece) => aggregate.merge(state, stateOf(aggregate, piece)),
      aggregate.init(),
    );
    const shown = [stateOf(aggregate, values), merged].map((state) => aggregate.result(state) as Ranked[]);
    for (const { value, count, error = 0 } of shown.flat()) {
      const right = exact.get(value) as number;
      expect(count).toBeGreaterThanOrEqual(right);
      expect(count - error).toBeLessThanOrEqual(right);
      expect(error).toBeLessThanOrEqual(length / 1000);
    }
    for (const [value, count] of exact) {
      // None is missed that is more frequent than the bound and than the last that is shown.
      if (count <= Math.max(length / 1000, ...shown.map((rows) => rows.at(-1)?.count ?? 0))) continue;
      for (const rows of shown) expect(rows.map((row) => row.value)).toContainEqual(value);
    }
    const [atOnce = [], inPieces = []] = shown;
    const worst = (rows: readonly Ranked[]): string =>
      percent(Math.max(...rows.map(({ value, count }) => count - (exact.get(value) as number))) / length);
    topRows.push([name, String(exact.size), worst(atOnce), worst(inPieces)]);
  });
});

test('the table', async () => {
  const sections = [
    '# How far approximate aggregates are off\n\nWritten by `accuracy.test.ts` from 100,000 values each, against exact results; the bounds are asserted there.\n',
    '## Quantiles\n\nExact up to 512 numbers; beyond that the bound is 1/256 = 0.39 % of the exact result. The error of each:\n',
    tableOf(['numbers', ...quantiles], quantileRows),
    '## ~distinct\n\nExact up to 512 values; beyond that the standard error is 0.81 %. The error after so many records:\n',
    tableOf(['values', ...sizes.map((size) => size.toLocaleString('en'))], distinctRows),
    '## top\n\nExact up to 2,000 different values; beyond that a count is too high by 0.1 % of the records at the most, and shows its own bound. The largest error among the first ten, of all records:\n',
    tableOf(['values', 'different', 'folded at once', 'in four pieces, merged'], topRows),
  ];
  await expect(sections.join('\n')).toMatchFileSnapshot('accuracy.md');
});
