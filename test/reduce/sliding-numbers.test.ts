// What is left of a window's numbers when the oldest leave is what merging the rest anew gives, to the last byte: around the
// number of them from which on there are sketches, and with groups that leave and are numbered anew.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSketch, exactUpTo } from '../../src/reduce/aggregates/quantile-sketch.ts';
import { aggregateOf, stateOf } from '../helpers/aggregates.ts';
import { Numbers, type RankedColumn } from '../../src/reduce/numbers.ts';
import { SlidingNumbers } from '../../src/reduce/sliding-numbers.ts';

const columns = ['p99(x)', 'median(x)', 'p0(x)', 'p100(x)'].map((expression, place): RankedColumn => {
  const { ofRanks } = aggregateOf(expression);
  if (!ofRanks) throw new Error(`${expression} is told by ranks`);
  return { place, ofRanks };
});

/** Numbers of a key in a pane: so many, from one on in so large steps. */
const run = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  length: fc.oneof(fc.nat(3), fc.integer({ min: 100, max: exactUpTo + 100 })),
  first: fc.constantFrom(0, -3.25, 1e300, -1e-300, 7),
  step: fc.constantFrom(0, 1, -0.1, 1e9, 1e300),
});
const pane = fc
  .array(run, { maxLength: 4 })
  .map((runs) =>
    runs.flatMap(({ key, length, first, step }) =>
      Array.from({ length }, (_, index) => ({ key, number: first + ((index * 7) % 11) * step })),
    ),
  );

type Pane = readonly { readonly key: string; readonly number: number }[];

function groupsOf(panes: readonly Pane[]): string[] {
  return [...new Set(panes.flat().map(({ key }) => key))];
}

function numbersOf(panes: readonly Pane[], groups: readonly string[]): Numbers {
  const numbers = new Numbers();
  for (const { key, number } of panes.flat()) numbers.add(groups.indexOf(key), number);
  return numbers;
}

function seen(numbers: Numbers | SlidingNumbers, groups: readonly string[]): unknown[] {
  const results = new Float64Array(groups.length * columns.length);
  numbers.fillIn(results, columns.length, columns);
  const states = numbers.states(groups.length).map((state) => JSON.stringify(encodeSketch(state)));
  const rows = groups.map((key, group) => [
    key,
    ...results.subarray(group * columns.length, (group + 1) * columns.length),
    states[group],
  ]);
  return rows.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1));
}

test('panes that come and go', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ come: fc.option(pane), isRead: fc.boolean() }), { maxLength: 14 }),
      (steps) => {
        const total = new SlidingNumbers();
        const groups: string[] = [];
        const inside: Pane[] = [];
        for (const { come, isRead } of steps) {
          if (come) {
            const own = groupsOf([come]);
            groups.push(...own.filter((key) => !groups.includes(key)));
            const places = Uint32Array.from(own, (key) => groups.indexOf(key));
            total.absorb(numbersOf([come], own).export(own.length), places);
            inside.push(come);
          } else {
            inside.shift();
            const left = groupsOf(inside);
            // As the kernel does: what is last takes the place of what leaves.
            const before = groups.map((_, group) => group);
            for (let group = groups.length - 1; group >= 0; group -= 1) {
              if (left.includes(groups[group] ?? '')) continue;
              before[group] = before.at(-1) ?? 0;
              before.pop();
              groups[group] = groups.at(-1) ?? '';
              groups.pop();
            }
            total.leave(Uint32Array.from(before));
          }
          if (!isRead) continue;
          expect(seen(total, groups)).toEqual(seen(numbersOf(inside, groups), groups));
          for (const [place, entered] of inside.entries()) {
            const own = groupsOf([entered]);
            const copy = new Numbers(0);
            const same = Uint32Array.from(own, (_, group) => group);
            copy.absorb(total.entered(place), same);
            expect(seen(copy, own)).toEqual(seen(numbersOf([entered], own), own));
          }
        }
        expect(seen(total, groups)).toEqual(seen(numbersOf(inside, groups), groups));
      },
    ),
    { numRuns: 300 },
  );
});

test('what is absorbed in pieces is what is added at once, and as the aggregate has it', () => {
  fc.assert(
    fc.property(fc.array(pane, { maxLength: 5 }), (panes) => {
      const groups = groupsOf(panes);
      const whole = new Numbers();
      for (const each of panes) {
        const own = groupsOf([each]);
        whole.absorb(
          numbersOf([each], own).export(own.length),
          Uint32Array.from(own, (key) => groups.indexOf(key)),
        );
      }
      const atOnce = numbersOf(panes, groups);
      expect(seen(whole, groups)).toEqual(seen(atOnce, groups));
      const aggregate = aggregateOf('p99(x)');
      for (const [key, shown] of seen(whole, groups) as [string, number][]) {
        const own = panes.flat().filter((each) => each.key === key);
        const state = stateOf(
          aggregate,
          own.map(({ number }) => number),
        );
        expect(shown).toBe(aggregate.result(state));
      }
    }),
    { numRuns: 200 },
  );
});
