// One step over some records of a part.
import type { Json } from '../envelope/json.ts';
import { messageOf } from '../errors.ts';
import { runWithin } from '../user-code/time-limit.ts';
import type { Step, TimeLimit } from './step.ts';

/** Records, and which ones of the part they came from. */
export type Travelling = { readonly records: readonly Json[]; readonly origins: readonly number[] };

export type StepOptions = {
  /** Whether the first record that cannot be used is the end of it all. */
  readonly stops: boolean;
  readonly reject: (origin: number, reason: string) => void;
};

export function runStep(step: Step, input: Travelling, options: StepOptions): Travelling {
  const run = new StepRun(step, input, options.stops);
  if (!step.limit) run.visitAll();
  else runTimed(run, step.limit);
  for (const { origin, reason } of run.faults) options.reject(origin, `${step.option}: ${reason}`);
  return run.output;
}

/** Milliseconds for a piece of records: after so long one of them is looked at by itself. */
const patience = 1000;

/**
 * A piece of records that takes long may be slow as a whole. So the record that it was stopped at is tried once more by
 * itself, with all the time there is, and only if that is too long it is at fault. Meanwhile signals are heard, which a
 * loop in a piece would not let through.
 */
function runTimed(run: StepRun, limit: TimeLimit): void {
  while (!run.isOver) {
    if (runWithin(Math.min(patience, limit.milliseconds), () => run.visitAll()) === 'ended') return;
    run.undo();
    if (!run.isOver) tryAlone(run, limit);
  }
}

function tryAlone(run: StepRun, { milliseconds, reason }: TimeLimit): void {
  for (;;) {
    const outcome = runWithin(milliseconds, () => run.visitNext(), true);
    if (outcome === 'ended') return;
    run.undo();
    if (outcome === 'stopped') return run.passOver(reason);
  }
}

class StepRun {
  readonly #step: Step;
  readonly #input: Travelling;
  readonly #stops: boolean;
  readonly #records: Json[] = [];
  readonly #origins: number[] = [];
  readonly faults: { readonly origin: number; readonly reason: string }[] = [];
  /** How many records are done, and what came of them. */
  #done = 0;
  #given = 0;
  readonly #give = (record: Json): void => {
    this.#records.push(record);
    this.#origins.push(this.#input.origins[this.#done] as number);
  };

  constructor(step: Step, input: Travelling, stops: boolean) {
    this.#step = step;
    this.#input = input;
    this.#stops = stops;
  }

  get output(): Travelling {
    return { records: this.#records, origins: this.#origins };
  }

  get isOver(): boolean {
    return this.#done >= this.#input.records.length || (this.#stops && this.faults.length > 0);
  }

  visitAll(): void {
    while (!this.isOver) this.visitNext();
  }

  visitNext(): void {
    let reason: string | undefined;
    try {
      this.#step.visit(this.#input.records[this.#done] as Json, this.#give);
    } catch (error) {
      reason = messageOf(error);
    }
    if (reason === undefined) this.#next();
    else this.passOver(reason);
  }

  /** Forgets what came of a record that was stopped at. */
  undo(): void {
    this.#records.length = this.#given;
    this.#origins.length = this.#given;
  }

  passOver(reason: string): void {
    this.faults.push({ origin: this.#input.origins[this.#done] as number, reason });
    this.undo();
    this.#next();
  }

  /** V8 stops code at calls and loops only: between these two it is one step. */
  #next(): void {
    this.#given = this.#records.length;
    this.#done += 1;
  }
}
