// Trying again, with longer and longer pauses, as long as it may help.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicTime } from './clock.ts';

export type Persistence = {
  /** How long to go on without success, in milliseconds. */
  readonly patience: () => number;
  /** Whether an error may be gone the next time. */
  readonly isPassing: (error: unknown) => boolean;
  /** What is thrown in the end. */
  readonly problem: (error: unknown) => unknown;
  readonly stop?: AbortSignal;
  /** Is told of the first error after which it is tried again. */
  readonly tell?: (error: unknown) => void;
  /** What the other side asks for before the next try, in milliseconds. */
  readonly pauseAfter?: (error: unknown) => number | undefined;
};

/** Milliseconds. */
const leastPause = 100;
const mostPause = 2000;

/** Throws what `problem` makes of the error where time is over, or another try cannot help. */
export async function tryUntilItWorks<Result>(
  { patience, isPassing, problem, stop, tell, pauseAfter }: Persistence,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  const began = monotonicTime();
  for (let usual = leastPause; ; usual = Math.min(2 * usual, mostPause)) {
    try {
      return await work();
    } catch (error) {
      const pause = pauseAfter?.(error) ?? usual;
      const isOver = stop?.aborted === true || monotonicTime() - began + pause > patience();
      if (isOver || !isPassing(error)) throw problem(error);
      if (usual === leastPause) tell?.(error);
      await sleep(pause, undefined, stop && { signal: stop }).catch(() => undefined);
      if (stop?.aborted) throw problem(error);
    }
  }
}
