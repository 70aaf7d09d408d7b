import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateLimit } from '../../../src/ingest/rate/limit.ts';

type Taken = { readonly at: number; readonly records: number };

/** What a reader takes who asks after each of these pauses, in milliseconds, and takes all it may, or so much of it. */
function taken(rate: number, asks: readonly { pause: number; share: number }[]): Taken[] {
  const limit = new RateLimit(rate);
  let at = 1000;
  return asks.map(({ pause, share }) => {
    at += pause;
    const records = Math.floor(limit.allowance(at) * share);
    limit.spend(records);
    return { at, records };
  });
}

const rates = fc.constantFrom(0.01, 1, 7, 100, 12_345, 1e6);

describe('a limit', () => {
  test('lets no more through in any stretch of time than its rate and a tenth of a second’s worth', () => {
    const asks = fc.array(
      fc.record({
        pause: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 500, noNaN: true })),
        share: fc.constantFrom(1, 0.5, 0),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(rates, asks, (rate, list) => {
        const all = taken(rate, list);
        for (const [index, first] of all.entries()) {
          let sum = 0;
          for (const { at, records } of all.slice(index)) {
            sum += records;
            expect(sum).toBeLessThanOrEqual(((at - first.at) * rate) / 1000 + Math.max(1, rate / 10) + 1e-6);
          }
        }
      }),
    );
  });

  test.each([1, 3, 10, 1000, 0.5, 1e6])(
    'of %d a second is used up by whoever takes all as soon as it may go',
    (rate) => {
      const limit = new RateLimit(rate);
      let records = 0;
      for (let now = 0; now < 10_000;) {
        const allowed = Math.floor(limit.allowance(now));
        limit.spend(allowed);
        records += allowed;
        const next = limit.nextTurn(now);
        expect(next).toBeGreaterThan(now);
        // Timers are late.
        now = next + 3;
      }
      expect(records).toBeGreaterThanOrEqual(10 * rate * 0.99 - Math.max(1, rate / 10));
      expect(records).toBeLessThanOrEqual(10 * rate + Math.max(1, rate / 10));
    },
  );

  test('what was too much at once is waited for', () => {
    const limit = new RateLimit(100);
    limit.spend(limit.allowance(0));
    limit.spend(50);
    expect(limit.nextTurn(0)).toBe(520);
    expect(limit.allowance(500)).toBe(0);
    // A fiftieth of a second's worth comes together.
    expect(limit.nextTurn(500)).toBe(520);
  });
});
