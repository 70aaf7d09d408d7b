// Whether a pipeline keeps up: batches that are done later and later behind their due time say that it does not.
import type { BatchView } from './pipeline.ts';

/** So many batches are compared with as many before them: where windows close now and then, one takes longer than the next. */
const compared = 5;

/** Milliseconds: less than that a machine that is busy with something else makes of short intervals. */
const leastDelay = 1000;

/** The least total delay of the newest batches has risen, and they are a whole interval late. */
export function isFallingBehind(batches: readonly BatchView[]): boolean {
  const recent = batches.slice(-2 * compared);
  const newest = recent.at(-1);
  if (recent.length < 2 * compared || newest?.from === undefined || newest.to === undefined) return false;
  const delays = recent.map(({ totalDelay = 0 }) => totalDelay);
  const before = Math.min(...delays.slice(0, compared));
  const now = Math.min(...delays.slice(compared));
  return now > before && now > Math.max(leastDelay, newest.to - newest.from);
}

/** It has caught up with its interval again. */
export function isInTime({ from, to, totalDelay }: BatchView): boolean {
  return totalDelay === undefined || from === undefined || to === undefined || totalDelay < to - from;
}
