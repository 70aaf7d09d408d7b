import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pace } from '../../../src/ingest/kafka/pace.ts';
import { RateLimit } from '../../../src/ingest/rate/limit.ts';

/** Messages handed on until `end`, by a reader that takes all it may as soon as it may. */
function handedOn(pace: Pace, key: string, end: number): number {
  let messages = 0;
  for (let now = 0; now <= end; now = Math.max(pace.nextTurn(key, now), now + 0.001)) {
    const allowed = Math.floor(pace.allowance(key, now));
    pace.spend(key, allowed);
    messages += allowed;
  }
  return messages;
}

describe('a pace', () => {
  test.each([1, 3, 10, 1000, 0.5])('of %d messages a second', (rate) => {
    // The first comes at once; a tenth of a second's worth comes together.
    const messages = handedOn(new Pace(rate), 'a/0', 10_000);
    expect(Math.abs(messages - (1 + 10 * rate))).toBeLessThanOrEqual(Math.max(1, rate / 10));
  });

  test('is that of each partition', () => {
    const pace = new Pace(10);
    pace.spend('a/0', pace.allowance('a/0', 0));
    expect(pace.allowance('a/0', 0)).toBe(0);
    expect(pace.allowance('a/1', 0)).toBe(1);
  });

  test('of all partitions together: the lower of the two holds', () => {
    const together = (pace: Pace): number[] => {
      const messages = [0, 0];
      for (let now = 0; now <= 10_000; now += 1)
        for (const index of [0, 1]) {
          const key = `a/${index}`;
          if (pace.nextTurn(key, now) > now) continue;
          const allowed = Math.floor(pace.allowance(key, now));
          pace.spend(key, allowed);
          (messages[index] as number) += allowed;
        }
      return messages;
    };
    const [one = 0, other = 0] = together(new Pace(1000, new RateLimit(100)));
    expect(Math.abs(one + other - 1000)).toBeLessThanOrEqual(20);
    const [slow = 0, slower = 0] = together(new Pace(10, new RateLimit(1000)));
    expect([slow, slower].every((count) => Math.abs(count - 101) <= 1)).toBe(true);
  });

  test('what the pipeline can take holds where that is less than the limit', () => {
    const pace = new Pace(undefined, new RateLimit(1000));
    const lags = new Map([['a/0', 1000]]);
    const period = { count: 100, processingDelay: 500, schedulingDelay: 0 };
    pace.measure({ ...period, time: 1000 }, lags);
    pace.measure({ ...period, time: 2000 }, lags);
    expect(Math.abs(handedOn(pace, 'a/0', 10_000) - 2000)).toBeLessThanOrEqual(30);
  });

  test('saves up a second and no more', () => {
    const pace = new Pace(10);
    pace.allowance('a/0', 0);
    expect(pace.allowance('a/0', 500)).toBe(6);
    expect(pace.allowance('a/0', 1_000_000)).toBe(10);
  });

  test('below one a second still comes to one', () => {
    const pace = new Pace(0.1);
    pace.spend('a/0', pace.allowance('a/0', 0));
    expect(pace.nextTurn('a/0', 0)).toBe(10_000);
    expect(pace.allowance('a/0', 60_000)).toBe(1);
  });

  test('tells when it is the turn of a partition', () => {
    const pace = new Pace(10);
    expect(pace.nextTurn('a/0', 7)).toBe(7);
    pace.spend('a/0', 1);
    expect(pace.nextTurn('a/0', 7)).toBe(107);
    expect(pace.nextTurn('a/0', 57)).toBe(107);
    expect(pace.allowance('a/0', 107)).toBeGreaterThanOrEqual(1);
  });

  test('without a limit all may go at once', () => {
    const unlimited = new Pace();
    expect(unlimited.allowance('a/0', 0)).toBe(Number.POSITIVE_INFINITY);
    expect(unlimited.nextTurn('a/0', 9)).toBe(9);
    unlimited.spend('a/0', 1e9);
    expect(unlimited.allowance('a/0', 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test('property: at its turn a partition may hand on a message', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        (rate, now) => {
          const pace = new Pace(rate);
          pace.spend('a/0', Math.floor(pace.allowance('a/0', now)));
          const turn = pace.nextTurn('a/0', now);
          // A hair of rounding may be missing, which the next turn brings.
          expect(pace.allowance('a/0', turn)).toBeGreaterThan(0.999 * Math.max(1, rate / 10));
          expect(pace.nextTurn('a/0', turn) - turn).toBeLessThan(0.01);
        },
      ),
    );
  });

  test('once the pipeline is known to take no more, that is divided by what is still to come', () => {
    const pace = new Pace();
    const lags = new Map([
      ['a/0', 3000],
      ['a/1', 1000],
      ['a/2', 0],
    ]);
    const measured = { count: 1000, processingDelay: 500, schedulingDelay: 0 };
    pace.measure({ time: 1000, ...measured }, lags);
    expect(pace.allowance('a/0', 1000)).toBe(Number.POSITIVE_INFINITY);
    pace.measure({ time: 2000, ...measured }, lags);
    // 2,000 a second; who has nothing to come gets one all the same.
    expect(['a/0', 'a/1', 'a/2'].map((key) => handedOn(pace, key, 10_000))).toEqual(
      [15_000, 5000, 11].map((count) => expect.closeTo(count, -3) as number),
    );
    expect(pace.allowance('b/0', 2000)).toBe(Number.POSITIVE_INFINITY);
  });

  test('is never above the limit that was given', () => {
    const pace = new Pace(10);
    for (const time of [1000, 2000])
      pace.measure({ time, count: 1e6, processingDelay: 1, schedulingDelay: 0 }, new Map([['a/0', 1e6]]));
    expect(handedOn(pace, 'a/0', 10_000)).toBeLessThanOrEqual(102);
  });
});
