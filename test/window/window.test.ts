import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope, type Interval } from '../../src/envelope/envelope.ts';
import type { Windowing } from '../../src/window/panes.ts';
import { PaneStore } from '../../src/window/pane-store.ts';
import { WindowCore } from '../../src/window/window.ts';
import { batch, envelope, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

/** Batches of length `interval` that begin at `starts`, each with its start as its one record. */
function batchesAt(interval: number, starts: readonly number[]): Envelope[] {
  return starts.map((from, index) => batch(index, [from], { from, to: from + interval }));
}

const nameOf = ({ start, end }: Interval): string => `${start}-${end}`;

/** What each envelope closes. */
function closedBy(windowing: Windowing, starts: readonly number[]): string[] {
  const envelopes = runAll(new WindowCore(windowing), batchesAt(10, starts));
  return envelopes.map(({ header }) => (header.closed ?? []).map(nameOf).join(' '));
}

describe('windows that close', () => {
  test('size 30, slide 10: partial at first, shrinking at the end', () => {
    // |0........|10.......|20.......|30.......|40       (batches of 10)
    // )                                                 -20-10: partial
    // -------------------)                              -10-20: partial
    // [-----------0-30-------------)
    //           [-----------10-40------------)
    //                     [-----------20-50---...       closed by the end
    //                               [---------30-60-... closed by the end
    expect(closedBy({ size: 30, slide: 10 }, [0, 10, 20, 30])).toEqual([
      '-20-10',
      '-10-20',
      '0-30',
      '10-40',
      '20-50 30-60',
    ]);
  });

  test('size 30, slide 20', () => {
    // |0........|10.......|20.......|30.......|40.......|50
    // [-----------0-30-------------)
    //                     [-----------20-50------------)
    //                                         [---------40-70
    expect(closedBy({ size: 30, slide: 20 }, [0, 10, 20, 30, 40])).toEqual([
      '-20-10',
      '',
      '0-30',
      '',
      '20-50',
      '40-70',
    ]);
  });

  test('Spark’s own table: size 4, slide 2 over batches 0 to 5', () => {
    const core = new WindowCore({ size: 40, slide: 20 });
    expect(
      contentsOf(runAll(core, batchesAt(10, [0, 10, 20, 30, 40, 50]))).map(([, inside]) => inside),
    ).toEqual([
      [0, 10],
      [0, 10, 20, 30],
      [20, 30, 40, 50],
      [40, 50],
    ]);
  });

  test('with an offset, in whole batches too', () => {
    const core = new WindowCore({ size: 20, slide: 20, offset: 10 });
    expect(contentsOf(runAll(core, batchesAt(10, [0, 10, 20, 30])))).toEqual([
      ['-10-10', [0]],
      ['10-30', [10, 20]],
      ['30-50', [30]],
    ]);
  });

  test('size 10, slide 30: gaps between windows', () => {
    // |0........|10.......|20.......|30.......|40
    // [---0-10--)                   [--30-40--)
    expect(closedBy({ size: 10, slide: 30 }, [0, 10, 20, 30])).toEqual(['0-10', '', '', '30-40', '']);
  });

  test('side by side, the last one cut short by the end', () => {
    expect(closedBy({ size: 20, slide: 20 }, [0, 10, 20])).toEqual(['', '0-20', '', '20-40']);
  });

  test('a gap in time: windows that hold something close, those within the gap do not exist', () => {
    // |0........|10.......|20  …  |100......|110      size 30, slide 10
    // batch 0                     batch 100
    expect(closedBy({ size: 30, slide: 10 }, [0, 100])).toEqual([
      '-20-10',
      '-10-20 0-30 80-110',
      '90-120 100-130',
    ]);
  });

  test('no batch, no window', () => {
    expect(closedBy({ size: 30, slide: 10 }, [])).toEqual(['']);
  });
});

describe('panes of parts', () => {
  test('each part is marked, only the last one closes; payloads pass as they are', () => {
    const core = new WindowCore({ size: 10, slide: 10 });
    const first = envelope(['a'], { batch: 0, part: 0, last: false, from: 0, to: 10 });
    const second = envelope(['b'], { batch: 0, part: 1, last: true, from: 0, to: 10 });
    const [one, other] = runAll(core, [first, second]);
    const pane = { start: 0, end: 10 };
    expect(one).toEqual({ header: { ...first.header, pane }, payload: first.payload });
    expect(other).toEqual({ header: { ...second.header, pane, closed: [pane] }, payload: second.payload });
  });

  test('records between two windows are dropped and counted, once told', () => {
    const core = new WindowCore({ size: 10, slide: 30 });
    const [inside, outside] = batchesAt(10, [0, 10]).flatMap((one) => Array.from(core.accept(one)));
    expect(inside?.header.pane).toEqual({ start: 0, end: 10 });
    expect(outside?.header).toEqual({
      v: 1,
      batch: 1,
      part: 0,
      last: true,
      n: 0,
      from: 10,
      to: 20,
      closed: [],
    });
    expect(outside?.payload).toHaveLength(0);
    expect(core.counters()).toEqual({ outside: 1 });
    expect(core.counters()).toEqual({});
  });

  test('a failed end stays one', () => {
    const core = new WindowCore({ size: 20, slide: 20 });
    const ending = runAll(core, batchesAt(10, [0]), 0, endEnvelope('failed', 'why')).at(-1);
    expect(ending?.header).toEqual({
      v: 1,
      n: 0,
      end: 'failed',
      reason: 'why',
      closed: [{ start: 0, end: 20 }],
    });
  });
});

describe('refused', () => {
  test.each([
    {
      name: 'a size that is no multiple',
      windowing: { size: 25, slide: 20 },
      input: batchesAt(10, [0]),
      why: 'usage: the window’s size (25ms) is no multiple of the batch interval (10ms)',
    },
    {
      name: 'a slide that is no multiple',
      windowing: { size: 20, slide: 5 },
      input: batchesAt(10, [0]),
      why: 'usage: the window’s slide (5ms) is no multiple of the batch interval (10ms)',
    },
    {
      name: 'an offset that is no multiple',
      windowing: { size: 20, slide: 20, offset: 5 },
      input: batchesAt(10, [0]),
      why: 'usage: the window’s offset (5ms) is no multiple of the batch interval (10ms)',
    },
    {
      name: 'an interval of nothing',
      windowing: { size: 10, slide: 10 },
      input: batchesAt(0, [0]),
      why: 'badData: batch 0 has an interval without time: from 0 to 0',
    },
    {
      name: 'no interval',
      windowing: { size: 10, slide: 10 },
      input: [batch(0, [])],
      why: 'usage: these batches have no interval, and windows are made of batch intervals',
    },
    {
      name: 'blocks',
      windowing: { size: 10, slide: 10 },
      input: [envelope([])],
      why: 'usage: window reads batches, and these records come in blocks',
    },
    {
      name: 'time that goes back',
      windowing: { size: 10, slide: 10 },
      input: batchesAt(10, [10, 0]),
      why: 'badData: batch 1 begins at 0, before the one ahead of it ended (20)',
    },
  ])('$name', ({ windowing, input, why }) => {
    expect(failureOf(() => runAll(new WindowCore(windowing), input))).toBe(why);
  });
});

/** Puts windows together from panes, as the stages behind do it. */
function contentsOf(envelopes: readonly Envelope[]): [string, unknown[]][] {
  const store = new PaneStore<unknown[]>();
  return envelopes.flatMap((one) => {
    if (one.header.pane) store.at(one.header.pane, () => []).push(...recordsOf([one]));
    return (one.header.closed ?? []).map((window): [string, unknown[]] => {
      const inside = store.inside(window).flat();
      store.release(window);
      return [nameOf(window), inside];
    });
  });
}

test('property: every window is the union of its batches, each closes once, in order', () => {
  const input = fc.record({
    size: fc.integer({ min: 1, max: 8 }),
    slide: fc.integer({ min: 1, max: 8 }),
    starts: fc.uniqueArray(fc.integer({ min: -20, max: 40 }), { maxLength: 25 }),
  });
  fc.assert(
    fc.property(input, ({ size, slide, starts }) => {
      const times = starts.sort((one, other) => one - other).map((start) => start * 10);
      const contents = contentsOf(
        runAll(new WindowCore({ size: size * 10, slide: slide * 10 }), batchesAt(10, times)),
      );
      const expected: [string, number[]][] = [];
      for (let start = Math.floor(-400 / slide) * slide; start <= 60; start += slide) {
        const window = { start: start * 10, end: (start + size) * 10 };
        const inside = times.filter((time) => time >= window.start && time < window.end);
        if (inside.length > 0) expected.push([nameOf(window), inside]);
      }
      expect(contents).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});
