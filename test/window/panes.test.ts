import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
  });
  test('property: a pane is the largest stretch around a time in which no window begins or ends', () => {
    fc.assert(
      fc.property(windowing, fc.integer({ min: -200, max: 200 }), (given, time) => {
        const { size, slide } = given;
        const isEdge = (at: number): boolean => at % slide === 0 || (at - size) % slide === 0;
        const isInside = Math.floor(time / slide) * slide + size > time;
        let [start, end] = [time, time + 1];
        while (!isEdge(start)) start -= 1;
        while (!isEdge(end)) end += 1;
        expect(paneOf(given, time)).toEqual(isInside ? { start, end } : undefined);
      }),
      { numRuns: 500 },
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
