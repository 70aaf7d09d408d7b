// Windows that slide: whatever comes and goes, and in which order, a window has the rows of its records.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { parseJson, stringifyJson, type Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { batch, ready, recordsOf, runAll } from '../helpers/envelopes.ts';

type Reduction = { expressions?: string[]; by?: string[]; words?: boolean };

function core({ expressions = [], by = [], words = false }: Reduction): ReduceCore {
  const plan = planFrom({ by, words, partial: false }, expressions);
  return new ReduceCore(plan, { partial: false, partSize: 100, rejects: failOnReject, caveats: new Set() });
}

const rowsOf = (reduction: Reduction, records: Json[]): Json[] =>
  recordsOf(runAll(core(reduction), [batch(0, records)]));

const keys = fc.constantFrom<Json>('a', 'b', 'c', 'a longer key than fits', 1, '1', null);
const whole = fc.integer({ min: -3, max: 3 });
// Fractions that doubles add without rounding, so that any order gives the same.
const fraction = whole.map((number) => number / 4);
const object = (x: fc.Arbitrary<Json>): fc.Arbitrary<Json> => fc.record({ k: keys, x });

/** Added up, they would be rounded, or be more than a double holds. */
const anyNumber: fc.Arbitrary<Json> = fc.oneof(
  whole,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1e308, -1e308, 5e-324, 0.1, null),
);
const big = fc.constant<Json>(9007199254740993n);
const twoFields: fc.Arbitrary<Json> = fc.record(
  { k: keys, x: anyNumber, y: anyNumber },
  { requiredKeys: ['k'] },
);
const quantiles = ['median(x)', 'p99(x)', 'p0(x)', 'p100(x)'];
const everything = ['count', 'sum(x)', 'avg(x)', 'min(x)', 'max(x)'];

test.each<[string, Reduction, fc.Arbitrary<Json>]>([
  [
    'words',
    { words: true },
    fc.constantFrom('a', 'b a', 'c', '', 'some longer words that do not fit_________'),
  ],
  ['whole sums', { expressions: ['count', 'sum(x)', 'avg(x)'], by: ['k'] }, object(whole)],
  ['sums of fractions', { expressions: ['sum(x)'], by: ['k'] }, object(fc.oneof(whole, fraction))],
  [
    'integers beyond 2^53',
    { expressions: ['count', 'sum(x)'], by: ['k'] },
    object(fc.oneof(whole, fc.constant<Json>(2 ** 53), fc.constant<Json>(9007199254740993n))),
  ],
  ['one row', { expressions: ['count', 'sum(x)'] }, object(whole)],
  ['all aggregates', { expressions: everything, by: ['k'] }, object(fraction)],
  ['all aggregates, one row', { expressions: everything }, object(fraction)],
  ['quantiles', { expressions: quantiles, by: ['k'] }, object(anyNumber)],
  ['quantiles of two fields', { expressions: ['p50(x)', 'count', 'median(y)'], by: ['k'] }, twoFields],
  [
    'quantiles of records of any kind',
    { expressions: quantiles, by: ['k'] },
    object(fc.oneof(anyNumber, big)),
  ],
  ['quantiles, key by key', { expressions: ['p99(x) if none=null', 'count'], by: ['k'] }, object(anyNumber)],
  ['quantiles and whole sums', { expressions: ['sum(x)', 'p90(x)'], by: ['k'] }, object(whole)],
  [
    'quantiles and what is not subtracted',
    { expressions: ['p90(x)', 'max(x)'], by: ['k'] },
    object(fraction),
  ],
  ['quantiles, one row', { expressions: quantiles }, object(anyNumber)],
])('%s', (_, reduction, record) => {
  const size = 4;
  const step = fc.record({
    // Behind the start of the window that closes next; what is in an older window that has closed comes late.
    pane: fc.nat(size + 1),
    records: fc.array(record, { maxLength: 4 }),
  });
  const window = fc.record({
    steps: fc.array(step, { maxLength: 4 }),
    putDown: fc.constantFrom('no', 'no', 'looked at', 'taken up'),
  });
  fc.assert(
    fc.property(fc.array(window, { maxLength: 12 }), (windows) => {
      let reducing = core(reduction);
      const outputs: Envelope[] = [];
      const expected: Json[] = [];
      const panes = new Map<number, Json[]>();
      const accept = (input: Envelope): void => void outputs.push(...ready(reducing.accept(input, 0)));
      for (const [first, { steps, putDown }] of windows.entries()) {
        for (const [part, { pane, records }] of steps.entries()) {
          const start = first + pane;
          accept(batch(first, records, { part, last: false, pane: { start, end: start + 1 } }));
          panes.set(start, [...(panes.get(start) ?? []), ...records]);
        }
        const closed = [{ start: first, end: first + size }];
        accept(batch(first, [], { part: steps.length, closed }));
        const inside = Array.from({ length: size }, (__, index) => panes.get(first + index) ?? []);
        expected.push(...rowsOf(reduction, inside.flat()));
        if (putDown === 'no') continue;
        const held = stringifyJson(reducing.snapshot());
        const other = core(reduction);
        other.restore(parseJson(held));
        // What had entered the total is held as it came.
        expect(stringifyJson(other.snapshot())).toBe(held);
        if (putDown === 'taken up') reducing = other;
      }
      outputs.push(...ready(reducing.end(endEnvelope('ok'))));
      expect(recordsOf(outputs)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('keys leave a window when their count is 0, and an empty window has no keys', () => {
  const pane = (start: number): { start: number; end: number } => ({ start, end: start + 1 });
  const closing = (start: number): { closed: { start: number; end: number }[] } => ({
    closed: [{ start, end: start + 2 }],
  });
  const inputs = [
    batch(0, ['a a b'], { pane: pane(0), ...closing(-1) }),
    batch(1, ['b'], { pane: pane(1), ...closing(0) }),
    batch(2, [], { pane: pane(2), ...closing(1) }),
    batch(3, [], { pane: pane(3), ...closing(2) }),
  ];
  const rows = runAll(core({ words: true }), inputs).map(({ payload }) => String(payload));
  expect(rows).toEqual([
    '{"word":"a","count":2},{"word":"b","count":1}',
    '{"word":"a","count":2},{"word":"b","count":2}',
    '{"word":"b","count":1}',
    '',
    '',
  ]);
});
