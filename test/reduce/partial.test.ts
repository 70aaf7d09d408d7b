// One reduction, done in several ways, has to give the same bytes.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { chain } from '../../src/stage/core.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { WindowCore } from '../../src/window/window.ts';
import { batch, envelope, recordsOf, runAll } from '../helpers/envelopes.ts';

const interval = { from: 0, to: 10_000 };

function core(expressions: readonly string[], by: string[], partial: boolean): ReduceCore {
  const plan = planFrom({ by, words: false, partial }, expressions);
  return new ReduceCore(plan, { partial, partSize: 200, rejects: failOnReject, caveats: new Set() });
}

const bytesOf = (envelopes: readonly Envelope[]): string =>
  envelopes
    .filter(({ header }) => header.n > 0)
    .map(({ payload }) => payload.toString())
    .join(',');

const record = fc.record(
  {
    k: fc.constantFrom('a', 'b', 1, null),
    x: fc.integer({ min: -1000, max: 1000 }),
    y: fc.oneof(fc.constantFrom('p', 'q', '', true), fc.nat(9), fc.array(fc.nat(1), { maxLength: 2 })),
  },
  { requiredKeys: [] },
);

/** Batches cut anywhere, as parts and as batches of their own. */
const pieces = fc.array(fc.array(record, { maxLength: 8 }), { minLength: 1, maxLength: 5 });

const expressions = [
  'count',
  'count(x)',
  'n=count(x>0 && y!=null)',
  'sum(x)',
  'avg(x)',
  'min(x)',
  'max(x)',
  'first(y)',
  'last(y)',
  'var(x)',
  'stddev(x) if x>=0',
  'median(x)',
  'p99.9(x)',
  'distinct(y)',
  '~distinct(y)',
  'top(2, y)',
  'mode(y)',
  'rate',
  'rate(x)',
  'histogram(x, 100)',
  'histogram(x, -10, 10)',
  'collect(y)',
  'collect(y, 2) if k=a',
];

describe('reduce --partial | reduce is reduce', () => {
  test.each([{ by: [] }, { by: ['k'] }])('by $by', ({ by }) => {
    fc.assert(
      fc.property(pieces, (lists) => {
        const atOnce = runAll(core(expressions, by, false), [batch(0, lists.flat() as Json[], interval)]);
        const states = lists.flatMap((list) =>
          runAll(core(expressions, by, true), [batch(0, list as Json[], interval)]).filter(
            ({ header }) => header.end === undefined,
          ),
        );
        const parts = states.map(({ header, payload }, part) => ({
          header: { ...header, part, last: part === states.length - 1 },
          payload,
        }));
        const merging = (partial: boolean): ReduceCore =>
          new ReduceCore(undefined, { partial, partSize: 200, rejects: failOnReject, caveats: new Set() });
        expect(bytesOf(runAll(merging(false), parts))).toBe(bytesOf(atOnce));
        const again = runAll(merging(true), parts).filter(({ header }) => header.end === undefined);
        expect(bytesOf(runAll(merging(false), again))).toBe(bytesOf(atOnce));
      }),
      { numRuns: 50 },
    );
  });
});

describe('reduce --partial | window | reduce is window | reduce', () => {
  test.each([{ by: [] }, { by: ['k'] }])('by $by', ({ by }) => {
    const lengths = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(
        fc.array(fc.array(record, { maxLength: 4 }), { maxLength: 10 }),
        lengths,
        lengths,
        (lists, size, slide) => {
          const inputs = lists.map((list, index) =>
            batch(index, list as Json[], { from: index * 1000, to: index * 1000 + 1000 }),
          );
          const windows = (): WindowCore => new WindowCore({ size: size * 1000, slide: slide * 1000 });
          const merging = new ReduceCore(undefined, {
            partial: false,
            partSize: 200,
            rejects: failOnReject,
            caveats: new Set(),
          });
          const records = chain(windows(), core(expressions, by, false));
          const states = chain(core(expressions, by, true), chain(windows(), merging));
          const tables = (envelopes: readonly Envelope[]): string[] =>
            envelopes
              .filter(({ header }) => header.n > 0)
              .map(({ header, payload }) => `${header.window?.start} ${payload.toString()}`);
          expect(tables(runAll(states, inputs))).toEqual(tables(runAll(records, inputs)));
        },
      ),
      { numRuns: 50 },
    );
  });
});

test('property: what the kernel adds up is what is folded record by record', () => {
  const number = fc.oneof(
    fc.integer({ min: -1000, max: 1000 }),
    fc.constantFrom(0.1, -0.3, 1e300, -0, 2 ** 53, 12.5, 'text', '5'),
  );
  const records = fc.array(
    fc.record({ k: fc.constantFrom('a', 'b', null), x: number }, { requiredKeys: [] }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(fc.array(records, { maxLength: 4 }), (lists) => {
      const skipping = { reject: () => undefined, takeCount: () => 0 };
      const rowsOf = (expressions: readonly string[]): Record<string, Json>[] => {
        const plan = planFrom({ by: ['k'], words: false, partial: false }, expressions);
        const options = { partial: false, partSize: 200, rejects: skipping, caveats: new Set<string>() };
        const inputs = lists.map((list, part) =>
          envelope(list as Json[], { batch: 0, part, last: part === lists.length - 1, ...interval }),
        );
        return recordsOf(runAll(new ReduceCore(plan, options), inputs)) as Record<string, Json>[];
      };
      for (const expression of ['sum(x)', 'avg(x)', 'min(x)', 'max(x)', 'rate(x)']) {
        const fast = rowsOf(['rate', expression]);
        // The kernel knows nothing of conditions.
        const slow = rowsOf(['rate', `${expression} if k!=c`]);
        const values = (rows: readonly Record<string, Json>[]): Json[][] => rows.map(Object.values);
        expect(values(fast)).toEqual(values(slow));
      }
    }),
  );
});
