// The geometry of windows: window k is [k·slide + offset, k·slide + offset + size), for every whole k. Pure functions of time.
//
//   size 30, slide 20     |0........|10.......|20.......|30.......|40.......|50
//   windows               [-----------0-30-------------)
//                                              [-----------20-50------------)
//   edges                 ^0                   ^20       ^30      ^40        ^50
//   panes                 [------0-20---------)[--20-30-)[--30-40)[--40-50---)
//
// With a zone, edges are what its clocks show: windows of a day begin at midnight there, and so last 23 or 25 hours
// where clocks change.
import type { Interval } from '../envelope/envelope.ts';
import { instantOf, type Zone } from '../time/zone.ts';

/** Milliseconds, or records. */
export type Windowing = {
  readonly size: number;
  readonly slide: number;
  readonly offset?: number;
  readonly zone?: Zone;
};

/** Window `index`. */
export function windowAt({ size, slide, offset = 0, zone }: Windowing, index: number): Interval {
  const start = index * slide + offset;
  if (!zone) return { start, end: start + size };
  return { start: instantOf(zone, start), end: instantOf(zone, start + size) };
}

/** The newest window that has begun at `time`. */
export function newestBegun(windowing: Windowing, time: number): number {
  return settle(windowing, time, 0, ({ start }) => start);
}

/** The oldest window that has not ended at `time`. */
export function oldestOpen(windowing: Windowing, time: number): number {
  return settle(windowing, time, windowing.size, ({ end }) => end) + 1;
}

/** The pane that `time` lies in, or undefined between two windows (slide > size). */
export function paneOf(windowing: Windowing, time: number): Interval | undefined {
  const [newest, oldest] = [newestBegun(windowing, time), oldestOpen(windowing, time)];
  if (oldest > newest) return undefined;
  // The edges around it: where the newest window begins and the next one will, where the last one ended and the next will.
  return {
    start: Math.max(windowAt(windowing, newest).start, windowAt(windowing, oldest - 1).end),
    end: Math.min(windowAt(windowing, newest + 1).start, windowAt(windowing, oldest).end),
  };
}

/** The windows that end in (after, until] and begin before `begunBefore`, oldest first. */
export function* windowsEnding(
  windowing: Windowing,
  after: number,
  until: number,
  begunBefore: number,
): Generator<Interval> {
  for (let index = oldestOpen(windowing, after); ; index += 1) {
    const window = windowAt(windowing, index);
    if (window.end > until || window.start >= begunBefore) return;
    yield window;
  }
}

/** The last window whose edge, `distance` behind its start, is at `time` or before. */
function settle(
  windowing: Windowing,
  time: number,
  distance: number,
  edgeOf: (window: Interval) => number,
): number {
  const { slide, offset = 0, zone } = windowing;
  let index = Math.floor((time + (zone?.offsetAt(time) ?? 0) - offset - distance) / slide);
  if (!zone) return index;
  // In an hour that clocks show twice, they may be on this side of an edge again.
  while (edgeOf(windowAt(windowing, index)) > time) index -= 1;
  while (edgeOf(windowAt(windowing, index + 1)) <= time) index += 1;
  return index;
}
