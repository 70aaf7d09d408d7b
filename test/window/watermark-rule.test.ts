// Spark's rule to the letter, also for records that are later than the lateness allows: a row of a record and one of its
// windows is left out where the window has ended by the watermark that the batches before have made.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { chain } from '../../src/stage/core.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { EventTimeCore } from '../../src/window/event-time.ts';
import { batch, recordsOf, runAll } from '../helpers/envelopes.ts';
import { eventTimeOptions, second, windowing } from '../helpers/event-time.ts';

type Geometry = { readonly size: number; readonly slide: number; readonly lateness: number };

/** `start: how many records`, of each window that has some, in seconds. */
function counted(batches: readonly (readonly number[])[], { size, slide, lateness }: Geometry): string[] {
  const plan = planFrom({ by: [], words: false, partial: false }, ['count']);
  const reduce = new ReduceCore(plan, {
    partial: false,
    partSize: 1000,
    rejects: failOnReject,
    caveats: new Set(),
  });
  const options = eventTimeOptions({ lateness: lateness * second });
  const core = chain(new EventTimeCore(windowing(size, slide), options), reduce);
  const inputs = batches.map((times, index) =>
    batch(
      index,
      times.map((t) => ({ t })),
    ),
  );
  return runAll(core, inputs).flatMap((part) => {
    const start = (part.header.window?.start ?? 0) / second;
    return recordsOf([part]).map((row) => `${start}: ${(row as { count: number }).count}`);
  });
}

/** The definition: each record in each of its windows, one by one. */
function bySpark(batches: readonly (readonly number[])[], { size, slide, lateness }: Geometry): string[] {
  const counts = new Map<number, number>();
  let [watermark, highest] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const times of batches) {
    for (const time of times) {
      highest = Math.max(highest, time);
      for (let start = Math.floor(time / slide) * slide; start + size > time; start -= slide)
        if (start + size > watermark) counts.set(start, (counts.get(start) ?? 0) + 1);
    }
    watermark = Math.max(watermark, highest - lateness);
  }
  return [...counts].sort(([one], [other]) => one - other).map(([start, count]) => `${start}: ${count}`);
}

test('a record that is late for a window which its own batch closes, and not for the next one, is in that only', () => {
  const batches = [
    [1, 14],
    [7, 16],
  ];
  expect(counted(batches, { size: 10, slide: 5, lateness: 0 })).toEqual([
    '-5: 1',
    '0: 1',
    '5: 2',
    '10: 2',
    '15: 1',
  ]);
});

test('property: windows hold what the rule says, for any times and batches', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(60), { maxLength: 5 }), { maxLength: 8 }),
      fc.record({ slide: fc.integer({ min: 1, max: 12 }), more: fc.nat(30), lateness: fc.nat(15) }),
      (batches, { slide, more, lateness }) => {
        const geometry = { size: slide + more, slide, lateness };
        expect(counted(batches, geometry)).toEqual(bySpark(batches, geometry));
      },
    ),
    { numRuns: 500 },
  );
});
