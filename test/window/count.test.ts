import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import { CountCore } from '../../src/window/count.ts';
import { PaneStore } from '../../src/window/pane-store.ts';
import { batch, envelope, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

/** What the windows hold, in the order in which they close. */
function windows(outputs: readonly Envelope[]): string[] {
  const store = new PaneStore<unknown[]>();
  return outputs.flatMap((output) => {
    const { pane, closed = [] } = output.header;
    if (pane) store.at(pane, () => []).push(...recordsOf([output]));
    return closed.map((window) => {
      const inside = store.inside(window).flat().join(' ');
      store.release(window);
      return `${window.start}-${window.end} ${window.unit}: ${inside}`;
    });
  });
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('windows of so many records', () => {
  test('side by side', () => {
    expect(windows(runAll(new CountCore({ size: 3, slide: 3 }), [batch(0, numbers(7))]))).toEqual([
      '0-3 records: 0 1 2',
      '3-6 records: 3 4 5',
      '6-9 records: 6',
    ]);
  });

  test('size 4, slide 2, as with Spark’s batches', () => {
    expect(windows(runAll(new CountCore({ size: 4, slide: 2 }), [batch(0, numbers(6))]))).toEqual([
      '-2-2 records: 0 1',
      '0-4 records: 0 1 2 3',
      '2-6 records: 2 3 4 5',
      '4-8 records: 4 5',
    ]);
  });

  test('size 1, slide 3: what is between is outside', () => {
    const core = new CountCore({ size: 1, slide: 3 });
    expect(windows(runAll(core, [batch(0, numbers(5))]))).toEqual(['0-1 records: 0', '3-4 records: 3']);
    expect(core.counters()).toEqual({ outside: 3 });
    expect(core.counters()).toEqual({});
  });

  test('no records, no windows', () => {
    expect(windows(runAll(new CountCore({ size: 4, slide: 2 }), [batch(0, [])]))).toEqual([]);
    expect(windows(runAll(new CountCore({ size: 4, slide: 2 }), []))).toEqual([]);
  });

  test('a window closes with the batch that completes it', () => {
    const outputs = runAll(new CountCore({ size: 3, slide: 3 }), [
      batch(0, [1, 2]),
      batch(1, [3, 4]),
      batch(2, []),
    ]);
    expect(
      outputs.map(({ header: { batch: number, part, last, n, pane, closed } }) => [
        number,
        part,
        last,
        n,
        pane?.start,
        closed?.length,
      ]),
    ).toEqual([
      [0, 0, true, 2, 0, 0],
      [1, 0, false, 1, 0, undefined],
      [1, 1, true, 1, 3, 1],
      [2, 0, true, 0, undefined, 0],
      [undefined, undefined, undefined, 0, undefined, 1],
    ]);
  });

  test('refused in windows already, and in blocks', () => {
    const core = new CountCore({ size: 3, slide: 3 });
    expect(failureOf(() => runAll(core, [envelope([1])]))).toContain('window reads batches');
    const paned = batch(0, [1], { pane: { start: 0, end: 1 } });
    expect(failureOf(() => runAll(core, [paned]))).toBe('usage: these records are in windows already');
  });
});

test('property: batches and parts make no difference', () => {
  const cuts = fc.array(fc.record({ n: fc.nat(9), last: fc.boolean() }), { maxLength: 12 });
  const lengths = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(cuts, lengths, lengths, (parts, size, slide) => {
      let [number, part, at] = [0, 0, 0];
      const inputs = parts.map(({ n, last }) => {
        const records = numbers(n).map((index) => at + index);
        at += n;
        const made = envelope(records, { batch: number, part, last });
        [number, part] = last ? [number + 1, 0] : [number, part + 1];
        return made;
      });
      const whole = windows(runAll(new CountCore({ size, slide }), [batch(0, numbers(at))]));
      expect(windows(runAll(new CountCore({ size, slide }), inputs))).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});
