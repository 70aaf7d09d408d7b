// Trying again, as long as it may help: a cluster that loses a broker has a new leader within seconds.
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing, kafkaProblem } from './problems.ts';

export type Persistence = {
  /** What is to be reached, for messages. */
  readonly where: string;
  /** How long to go on without success, in milliseconds. */
  readonly patience: () => number;
  readonly stop?: AbortSignal;
};

const leastPause = 100;
const mostPause = 2000;

/** Throws SluiceError where it is over, or cannot help. */
export async function persist<Result>(
  persistence: Persistence,
  work: () => Promise<Result>,
): Promise<Result> {
  const { where, patience, stop } = persistence;
  const began = performance.now();
  for (let pause = leastPause; ; pause = Math.min(2 * pause, mostPause)) {
    try {
      return await work();
    } catch (error) {
      const isOver = stop?.aborted === true || performance.now() - began + pause > patience();
      if (isOver || !isPassing(error)) throw kafkaProblem(where, error);
      await sleep(pause, undefined, stop && { signal: stop }).catch(() => undefined);
      if (stop?.aborted) throw kafkaProblem(where, error);
    }
  }
}
