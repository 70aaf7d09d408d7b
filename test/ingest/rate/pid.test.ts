import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PidRateEstimator } from '../../../src/ingest/rate/pid.ts';

/** Rates after each period of 20 ms a batch: [time, records, processing delay, scheduling delay]. */
function rates(periods: readonly (readonly [number, number, number, number])[]): (number | undefined)[] {
  const estimator = new PidRateEstimator(20);
  return periods.map(([time, count, processingDelay, schedulingDelay]) =>
    estimator.update({ time, count, processingDelay, schedulingDelay }),
  );
}

describe('the PID estimator', () => {
  test('is undefined at first, then what the last period ran at', () => {
    expect(
      rates([
        [20, 100, 10, 0],
        [40, 60, 10, 0],
        [60, 500, 20, 0],
      ]),
    ).toEqual([undefined, 6000, 25_000]);
  });

  test.each([
    { name: 'no records', period: [40, 0, 10, 0] },
    { name: 'no time', period: [40, 10, 0, 0] },
    { name: 'a clock that stands still', period: [20, 10, 10, 0] },
  ] as const)('$name tells nothing', ({ period }) => {
    expect(rates([[20, 100, 10, 0], period])).toEqual([undefined, undefined]);
  });

  test('is lower by a fifth of the backlog', () => {
    // 10,000 a second; 10 ms late of 20 are half a batch, of 10,000 a second.
    expect(
      rates([
        [20, 100, 10, 0],
        [40, 100, 10, 10],
      ]),
    ).toEqual([undefined, 10_000 - 0.2 * 5000]);
  });

  test('is 100 a second at least', () => {
    expect(
      rates([
        [20, 100, 10, 0],
        [40, 1, 1000, 0],
        [60, 10, 10, 1e9],
      ]),
    ).toEqual([undefined, 100, 100]);
  });

  test('property: without a backlog it is what the last period ran at, however that came to be', () => {
    const period = fc.record({
      count: fc.integer({ min: 1, max: 1e6 }),
      delay: fc.integer({ min: 1, max: 1e4 }),
    });
    fc.assert(
      fc.property(fc.array(period, { minLength: 2 }), (periods) => {
        const found = rates(periods.map(({ count, delay }, index) => [20 * (index + 1), count, delay, 0]));
        const { count, delay } = periods.at(-1) as { count: number; delay: number };
        expect(found.at(-1)).toBeCloseTo(Math.max((count / delay) * 1000, 100), 3);
      }),
    );
  });
});
