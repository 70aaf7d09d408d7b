// --mode update and complete: windows as they fill.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope, Header, Interval } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import type { OutputMode } from '../../src/reduce/output-mode.ts';
import { chain, type Core } from '../../src/stage/core.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { WindowCore } from '../../src/window/window.ts';
import { batch, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

function core(mode: OutputMode): ReduceCore {
  const plan = planFrom({ by: [], words: true, partial: false }, []);
  return new ReduceCore(plan, {
    partial: false,
    partSize: 1000,
    rejects: failOnReject,
    caveats: new Set(),
    mode,
  });
}

function windowed(mode: OutputMode, size: number, slide: number): Core {
  return chain(new WindowCore({ size, slide }), core(mode));
}

const batches = (...texts: string[]): Envelope[] =>
  texts.map((text, index) => batch(index, text === '' ? [] : [text], { from: index, to: index + 1 }));

/** The tables of each batch, as `0-2: a1 b2`. */
function tablesOf(envelopes: readonly Envelope[]): string[] {
  return envelopes
    .filter(({ header }) => header.window)
    .map((envelope) => {
      const { batch: number, window } = envelope.header;
      const rows = recordsOf([envelope]).map((row) => Object.values(row as object).join(''));
      return `${number}) ${window?.start}-${window?.end}: ${rows.join(' ')}`;
    });
}

describe('which rows are written', () => {
  test.each<[OutputMode, number, number, string[]]>([
    ['append', 2, 2, ['1) 0-2: a2 b1', '3) 2-4: b1 c1']],
    ['update', 2, 2, ['0) 0-2: a1 b1', '1) 0-2: a2', '3) 2-4: b1 c1']],
    ['complete', 2, 2, ['0) 0-2: a1 b1', '1) 0-2: a2 b1', '3) 2-4: b1 c1']],
    [
      'update',
      2,
      1,
      ['0) -1-1: a1 b1', '0) 0-2: a1 b1', '1) 0-2: a2', '1) 1-3: a1', '3) 2-4: b1 c1', '3) 3-5: b1 c1'],
    ],
    [
      'complete',
      2,
      1,
      [
        '0) -1-1: a1 b1',
        '0) 0-2: a1 b1',
        '1) 0-2: a2 b1',
        '1) 1-3: a1',
        '2) 1-3: a1',
        '3) 2-4: b1 c1',
        '3) 3-5: b1 c1',
      ],
    ],
  ])('%s, size %i, slide %i', (mode, size, slide, expected) => {
    expect(tablesOf(runAll(windowed(mode, size, slide), batches('a b', 'a', '', 'b c')))).toEqual(expected);
  });
});

test('the newest row of each window and key is the one that append writes', () => {
  const lines = fc.array(fc.array(fc.constantFrom('a', 'b', 'c d', 'a a'), { maxLength: 3 }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      lines,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      (texts, size, slide) => {
        const rowsIn = (mode: OutputMode): Map<string, Json> => {
          const inputs = texts.map((records, index) => batch(index, records, { from: index, to: index + 1 }));
          const rows = new Map<string, Json>();
          for (const envelope of runAll(windowed(mode, size, slide), inputs)) {
            for (const row of recordsOf([envelope]) as { word: string; count: number }[])
              rows.set(`${envelope.header.window?.start} ${row.word}`, row.count);
          }
          return rows;
        };
        const expected = rowsIn('append');
        for (const mode of ['update', 'complete'] as const)
          expect(Object.fromEntries(rowsIn(mode))).toEqual(Object.fromEntries(expected));
      },
    ),
    { numRuns: 200 },
  );
});

describe('refused are', () => {
  const pane: Interval = { start: 0, end: 1 };
  test.each<[string, Header, string]>([
    [
      'batches',
      { n: 0 },
      'usage: --mode update shows what goes on from batch to batch, and here each batch stands by itself',
    ],
    [
      'windows that overlap and do not say which are open',
      { n: 0, pane, closed: [{ start: -1, end: 1 }] },
      "usage: field 'open' is missing: these windows overlap, and which of them have begun is not said",
    ],
  ])('%s', (_, header, why) => {
    expect(failureOf(() => runAll(core('update'), [batch(0, ['a'], header)]))).toBe(why);
  });
});
