// The geometry of windows: window k is [k·slide, k·slide + size), for every whole k. Pure functions of time.
//
//   size 30, slide 20     |0........|10.......|20.......|30.......|40.......|50
//   windows               [-----------0-30-------------)
//                                              [-----------20-50------------)
//   edges                 ^0                   ^20       ^30      ^40        ^50
//   panes                 [------0-20---------)[--20-30-)[--30-40)[--40-50---)
import type { Interval } from '../envelope/envelope.ts';

/** Milliseconds. */
export type Windowing = { readonly size: number; readonly slide: number };

/** The pane that `time` lies in, or undefined between two windows (slide > size). */
export function paneOf({ size, slide }: Windowing, time: number): Interval | undefined {
  const slideStart = floorTo(time, slide);
  if (slide > size)
    return time < slideStart + size ? { start: slideStart, end: slideStart + size } : undefined;
  // In each slide there are two edges: where a window begins, and where an older one ends.
  const endsAt = slideStart + (size % slide);
  if (time < endsAt) return { start: slideStart, end: endsAt };
  return { start: endsAt, end: slideStart + slide };
}

/** The windows that end in (after, until] and begin before `begunBefore`, oldest first. */
export function* windowsEnding(
  { size, slide }: Windowing,
  after: number,
  until: number,
  begunBefore: number,
): Generator<Interval> {
  let start = floorTo(after - size, slide) + slide;
  for (; start + size <= until && start < begunBefore; start += slide) yield { start, end: start + size };
}

function floorTo(time: number, step: number): number {
  return Math.floor(time / step) * step;
}
