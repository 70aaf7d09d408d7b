// What a stage does, without how it lives: no process, clock, terminal or option parser in here. The same core
// runs between stdin and stdout of a process and beside others inside one process.
import { endEnvelope, isEnd, type Envelope, type Job } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { reasonOf } from '../errors.ts';

/** What comes out, or something to wait for, such as a worker, before what follows is asked for. Where it rejects, all of the job fails. */
export type Step = Envelope | Promise<void>;

export interface Core<Input = Envelope> {
  /** What this input leads to, in order. Consumers pull, so a slow reader holds the core back. */
  accept(input: Input, now: number): Iterable<Step>;
  /** An empty block came, which is handed on without it: the stream has begun, if it had not. */
  heartbeat?(now: number): Iterable<Step>;
  /** The stream is over: what is left, then `ending` itself, which says whether it ended well. */
  end(ending: Envelope, now: number): Iterable<Step>;
  /** When `tick` wants to be called although no input came, in epoch milliseconds. */
  deadline?(): number | undefined;
  tick?(now: number): Iterable<Step>;
  /** Counters since the last call, for the report: rejected, cut, outside, …; text says how something is now. */
  counters?(): Record<string, number | string>;
  /** What it holds between two batches; absent where that is nothing. */
  snapshot?(): Json;
  /** In a job that keeps state, `end` is called for ends of every kind; else only where the job is over, since what is open stays so. */
  readonly takesEveryEnd?: boolean;
  /** The stream is of a job that keeps state. */
  attach?(job: Job): Promise<void> | void;
  /** Goes on with what a core of the same settings held. Called before anything is accepted. */
  restore?(snapshot: Json): void;
}

/** The core of a stage whose work is its output. */
export const passThrough: Core = {
  accept: (envelope) => [envelope],
  end: (ending) => [ending],
};

/** `first`, with its output fed to `second`. Where the first fails the second is told so, as the next process in a pipe is. */
export function chain<Input>(first: Core<Input>, second: Core): Core<Input> {
  function* feed(steps: Iterable<Step>, now: number): Generator<Step> {
    let hasEnded = false;
    const failures: unknown[] = [];
    for (const step of untilFailure(steps, failures)) {
      if (step instanceof Promise) yield step;
      else if (isEnd(step)) {
        hasEnded = true;
        yield* second.end(step, now);
      } else yield* second.accept(step, now);
    }
    if (failures.length === 0) return;
    if (!hasEnded) yield* second.end(endEnvelope('failed', reasonOf(failures[0])), now);
    throw failures[0];
  }
  return {
    accept: (input, now) => feed(first.accept(input, now), now),
    end: (ending, now) => feed(first.end(ending, now), now),
    deadline: () => earliest(first.deadline?.(), second.deadline?.()),
    *tick(now) {
      // The second one first, as when it runs by itself: what comes now belongs behind the deadline that is past.
      if (isDue(second.deadline?.(), now)) yield* second.tick?.(now) ?? [];
      if (isDue(first.deadline?.(), now)) yield* feed(first.tick?.(now) ?? [], now);
    },
  };
}

/** Steps up to one that fails, or cannot be made: why is put into `failures`. */
function* untilFailure(steps: Iterable<Step>, failures: unknown[]): Generator<Step> {
  try {
    for (const step of steps) {
      yield step instanceof Promise ? step.catch((error: unknown) => void failures.push(error)) : step;
      if (failures.length > 0) return;
    }
  } catch (error) {
    failures.push(error);
  }
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other;
  return other === undefined ? one : Math.min(one, other);
}

export function isDue(deadline: number | undefined, now: number): boolean {
  return deadline !== undefined && deadline <= now;
}
