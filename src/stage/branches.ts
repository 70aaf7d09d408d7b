// Several branches in one process: cores that feed others, and what comes out at the ends of all of them in one stream,
// each envelope with the number of its branch. A branch that fails, or whose reader has gone, is over; the others go on.
import { isEnd, isHeartbeat, type Envelope } from '../envelope/envelope.ts';
import { isDue, type Core, type Step } from './core.ts';
import { ReaderGone } from './output.ts';

export type Branch = {
  readonly core: Core;
  /** Nothing that it would put out is wanted any more. */
  readonly isOver: () => boolean;
  /** Ends this branch. */
  readonly fail: (error: unknown) => void;
};

type Routed = Envelope & { readonly branch?: number };

/** The branch that an envelope belongs to. */
export function branchOf(envelope: Routed): number {
  return envelope.branch ?? 0;
}

export function* toBranch(branch: number, steps: Iterable<Step>): Generator<Step> {
  for (const step of steps) yield step instanceof Promise ? step : ({ ...step, branch } as Routed);
}

/** `core`, whose output is that of a branch. */
export function numbered(core: Core, branch: number): Core {
  return {
    accept: (envelope, now) => toBranch(branch, core.accept(envelope, now)),
    end: (ending, now) => toBranch(branch, core.end(ending, now)),
    ...(core.deadline && { deadline: () => core.deadline?.() }),
    ...(core.tick && { tick: (now: number) => toBranch(branch, core.tick?.(now) ?? []) }),
  };
}

/** `core`, behind a place where a pipeline parts: what its stages hold is told apart by `name`, such as `1.`. */
export function inBranch(core: Core, name: string): Core {
  const named = (envelope: Envelope): Envelope => {
    const { job, ...header } = envelope.header;
    if (!job) return envelope;
    return { ...envelope, header: { ...header, job: { ...job, branch: (job.branch ?? '') + name } } };
  };
  return {
    accept: (envelope, now) => core.accept(named(envelope), now),
    end: (ending, now) => core.end(ending, now),
    ...(core.deadline && { deadline: () => core.deadline?.() }),
    ...(core.tick && { tick: (now: number) => core.tick?.(now) ?? [] }),
  };
}

/** Hands each envelope to all branches, one after the other, so that the slowest holds all. */
export function broadcast(branches: readonly Branch[]): Core {
  return feeding(branches, () => branches);
}

/** Hands each envelope to the branch that it belongs to, and what tells how it goes to all. */
export function route(branches: readonly Branch[]): Core {
  return feeding(branches, (envelope) =>
    isHeartbeat(envelope.header) ? branches : branches.slice(branchOf(envelope), branchOf(envelope) + 1),
  );
}

function feeding(branches: readonly Branch[], fed: (envelope: Envelope) => readonly Branch[]): Core {
  return {
    *accept(envelope, now) {
      for (const branch of fed(envelope)) yield* guarded(branch, () => branch.core.accept(envelope, now));
      if (branches.every(({ isOver }) => isOver())) throw new ReaderGone();
    },
    *end(ending, now) {
      let hasEnded = false;
      for (const branch of fed(ending)) {
        for (const step of guarded(branch, () => branch.core.end(ending, now))) {
          hasEnded ||= !(step instanceof Promise) && isEnd(step);
          yield step;
        }
      }
      // Where the last branch failed on its way to the end, no end will come.
      if (!hasEnded && branches.every(({ isOver }) => isOver())) throw new ReaderGone();
    },
    deadline: () => earliestOf(branches),
    *tick(now) {
      for (const branch of branches) {
        if (isDue(branch.core.deadline?.(), now)) yield* guarded(branch, () => branch.core.tick?.(now) ?? []);
      }
    },
  };
}

function* guarded({ isOver, fail }: Branch, work: () => Iterable<Step>): Generator<Step> {
  if (isOver()) return;
  try {
    yield* work();
  } catch (error) {
    fail(error);
  }
}

function earliestOf(branches: readonly Branch[]): number | undefined {
  const deadlines = branches.flatMap(({ core, isOver }) => (isOver() ? [] : (core.deadline?.() ?? [])));
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}
