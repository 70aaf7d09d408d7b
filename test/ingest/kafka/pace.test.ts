import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PartitionPace, unlimitedPace, type Pace } from '../../../src/ingest/kafka/pace.ts';

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
    // The first comes at once.
    const messages = handedOn(new PartitionPace(() => rate), 'a/0', 10_000);
    expect(Math.abs(messages - (1 + 10 * rate))).toBeLessThanOrEqual(1);
  });

  test('is that of each partition', () => {
    const pace = new PartitionPace(() => 10);
    pace.spend('a/0', pace.allowance('a/0', 0));
    expect(pace.allowance('a/0', 0)).toBe(0);
    expect(pace.allowance('a/1', 0)).toBe(1);
  });

  test('saves up a second and no more', () => {
    const pace = new PartitionPace(() => 10);
    pace.allowance('a/0', 0);
    expect(pace.allowance('a/0', 500)).toBe(6);
    expect(pace.allowance('a/0', 1_000_000)).toBe(10);
  });

  test('below one a second still comes to one', () => {
    const pace = new PartitionPace(() => 0.1);
    pace.spend('a/0', pace.allowance('a/0', 0));
    expect(pace.nextTurn('a/0', 0)).toBe(10_000);
    expect(pace.allowance('a/0', 60_000)).toBe(1);
  });

  test('tells when it is the turn of a partition', () => {
    const pace = new PartitionPace(() => 10);
    expect(pace.nextTurn('a/0', 7)).toBe(7);
    pace.spend('a/0', 1);
    expect(pace.nextTurn('a/0', 7)).toBe(107);
    expect(pace.nextTurn('a/0', 57)).toBe(107);
    expect(pace.allowance('a/0', 107)).toBeGreaterThanOrEqual(1);
  });

  test('without a limit all may go at once', () => {
    expect(unlimitedPace.allowance('a/0', 0)).toBe(Number.POSITIVE_INFINITY);
    expect(unlimitedPace.nextTurn('a/0', 9)).toBe(9);
    unlimitedPace.spend('a/0', 1e9);
    expect(unlimitedPace.allowance('a/0', 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test('property: at its turn a partition may hand on a message', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        (rate, now) => {
          const pace = new PartitionPace(() => rate);
          pace.spend('a/0', Math.floor(pace.allowance('a/0', now)));
          const turn = pace.nextTurn('a/0', now);
          // A hair of rounding may be missing, which the next turn brings.
          expect(pace.allowance('a/0', turn)).toBeGreaterThan(0.999);
          expect(pace.nextTurn('a/0', turn) - turn).toBeLessThan(0.01);
        },
      ),
    );
  });
});
