import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zoneNamed } from '../../src/time/zone.ts';
import { paneOf, windowsEnding, type Windowing } from '../../src/window/panes.ts';

/** `0-10 10-20`: the panes of a stretch of time, `.` where there is none. */
function panes(windowing: Windowing, from: number, to: number): string {
  const seen: string[] = [];
  for (let time = from; time < to; time += 1) {
    const pane = paneOf(windowing, time);
    const name = pane ? `${pane.start}-${pane.end}` : '.';
    if (seen.at(-1) !== name) seen.push(name);
  }
  return seen.join(' ');
}

function windows(windowing: Windowing, after: number, until: number, begunBefore: number): string {
  const ending = windowsEnding(windowing, after, until, begunBefore);
  return Array.from(ending, ({ start, end }) => `${start}-${end}`).join(' ');
}

describe('panes', () => {
  test('size 10, side by side', () => {
    // |0........|10.......|20.......|30
    // [---------)[--------)[--------)
    expect(panes({ size: 10, slide: 10 }, 0, 30)).toBe('0-10 10-20 20-30');
  });

  test('size 30, slide 10', () => {
    // |0........|10.......|20.......|30.......|40
    // [-----------0-30-------------)
    //           [-----------10-40------------)
    //                     [-----------20-50----
    expect(panes({ size: 30, slide: 10 }, 0, 40)).toBe('0-10 10-20 20-30 30-40');
  });

  test('size 30, slide 20', () => {
    // |0........|10.......|20.......|30.......|40.......|50.......|60
    // [-----------0-30-------------)
    //                     [-----------20-50------------)
    // -----20-10----)                         [----------40-70------
    expect(panes({ size: 30, slide: 20 }, 0, 60)).toBe('0-10 10-20 20-30 30-40 40-50 50-60');
  });

  test('size 50, slide 20: an edge each 10', () => {
    expect(panes({ size: 50, slide: 20 }, 0, 40)).toBe('0-10 10-20 20-30 30-40');
  });

  test('size 10, slide 30: gaps', () => {
    // |0........|10.......|20.......|30.......|40
    // [---0-10--)                   [--30-40--)
    expect(panes({ size: 10, slide: 30 }, 0, 45)).toBe('0-10 . 30-40 .');
  });

  test('before the epoch', () => {
    expect(panes({ size: 30, slide: 20 }, -20, 0)).toBe('-20--10 -10-0');
    expect(panes({ size: 10, slide: 30 }, -30, 0)).toBe('-30--20 .');
  });

  const windowing = fc.record({
    size: fc.integer({ min: 1, max: 40 }),
    slide: fc.integer({ min: 1, max: 40 }),
    offset: fc.integer({ min: 0, max: 50 }),
  });
  test('property: a pane is the largest stretch around a time in which no window begins or ends', () => {
    fc.assert(
      fc.property(windowing, fc.integer({ min: -200, max: 200 }), (given, time) => {
        const { size, slide, offset } = given;
        const isEdge = (at: number): boolean =>
          (at - offset) % slide === 0 || (at - offset - size) % slide === 0;
        const isInside = Math.floor((time - offset) / slide) * slide + offset + size > time;
        let [start, end] = [time, time + 1];
        while (!isEdge(start)) start -= 1;
        while (!isEdge(end)) end += 1;
        expect(paneOf(given, time)).toEqual(isInside ? { start, end } : undefined);
      }),
      { numRuns: 500 },
    );
  });
});

describe('windows of days', () => {
  const day = 86_400_000;
  const zones = ['Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Beirut', 'America/St_Johns', 'Pacific/Apia'];
  const windowing = fc.record({
    size: fc.integer({ min: 1, max: 7 }).map((days) => days * day),
    slide: fc.integer({ min: 1, max: 7 }).map((days) => days * day),
    offset: fc.integer({ min: 0, max: 47 }).map((halves) => (halves * day) / 48),
    zone: fc.constantFrom(...zones.map(zoneNamed)),
  });
  // Both changes of 2026 in all of them, and the day that Apia left out.
  const time = fc.oneof(
    fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
    fc.integer({ min: Date.UTC(2011, 11, 28), max: Date.UTC(2012, 0, 1) }),
    fc.integer({ min: -3 * 3_600_000, max: 3 * 3_600_000 }).map((near) => Date.UTC(2026, 9, 25, 1) + near),
  );

  test('property: a pane holds its time, no window edge cuts it, and windows that hold the time hold the pane', () => {
    fc.assert(
      fc.property(windowing, time, (given, at) => {
        const pane = paneOf(given, at);
        const around = [...windowsEnding(given, at - 30 * day, at + 30 * day, Infinity)];
        const holding = around.filter(({ start, end }) => start <= at && at < end);
        expect(pane === undefined).toBe(holding.length === 0);
        if (!pane) return;
        expect(pane.start <= at && at < pane.end).toBe(true);
        for (const { start, end } of around) {
          expect(start > pane.start && start < pane.end).toBe(false);
          expect(end > pane.start && end < pane.end).toBe(false);
        }
        for (const { start, end } of holding) expect(start <= pane.start && pane.end <= end).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('windowsEnding', () => {
  test.each([
    { size: 30, slide: 10, after: 0, until: 10, before: 10, expected: '-20-10' },
    { size: 30, slide: 10, after: 20, until: 40, before: 40, expected: '0-30 10-40' },
    { size: 30, slide: 20, after: 10, until: 30, before: 30, expected: '0-30' },
    { size: 30, slide: 20, after: 30, until: 40, before: 40, expected: '' },
    { size: 30, slide: 10, after: 40, until: Infinity, before: 40, expected: '20-50 30-60' },
    { size: 10, slide: 30, after: 0, until: 50, before: 50, expected: '0-10 30-40' },
    { size: 10, slide: 10, after: 10, until: Infinity, before: 10, expected: '' },
  ])(
    'size $size, slide $slide, in ($after, $until]: $expected',
    ({ size, slide, after, until, before, expected }) => {
      expect(windows({ size, slide }, after, until, before)).toBe(expected);
    },
  );
});
