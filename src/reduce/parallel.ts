// A reduction whose parts are folded in worker threads, several MiB at a time: taking in a table costs about as much
// as counting a small part. How parts are gathered depends on the stream alone, never on the number of workers, so
// that sums are added up in the same order with any number of them.
import { noRecords, type Envelope, type Header } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { decodeRecords } from '../envelope/records.ts';
import { messageOf, SluiceError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import type { Core, Step } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { placeOf } from '../record/messages.ts';
import { packParts, partOf, takeBack, type FoldedParts } from './fold-parts.ts';
import type { KernelFields } from './kernel-fields.ts';
import type { ReduceCore } from './reduce.ts';

export type ParallelOptions = {
  readonly executor: Executor;
  readonly rejects: Rejects;
  readonly fields?: KernelFields | undefined;
  /** Parts are gathered until they have so many bytes; fewer than half of it are not worth a task. */
  readonly taskSize?: number;
};

/** Parts that follow one another, all of one batch, pane or window. */
type Task = {
  readonly parts: readonly Envelope[];
  /** Undefined for parts that are folded here. */
  readonly done?: Promise<void>;
  /** What the worker gave, or why there is nothing. */
  outcome?: FoldedParts | { readonly failure: unknown };
};

/**
 * Under way while the next one is gathered. That bounds the memory, about 25 MB a worker, and keeps two of them busy:
 * more would wait for this thread, which takes two thirds of the time of one to read parts and take in tables.
 */
const mostTasks = 2;

export class ParallelReduce implements Core {
  readonly #core: ReduceCore;
  readonly #options: Required<Omit<ParallelOptions, 'fields'>> & {
    readonly fields: KernelFields | undefined;
  };
  #gathered: Envelope[] = [];
  #bytes = 0;
  /** In the order of the stream, which is that in which they are taken in. */
  readonly #tasks: Task[] = [];

  constructor(core: ReduceCore, { taskSize = 1024 * 1024, fields, ...options }: ParallelOptions) {
    this.#core = core;
    this.#options = { ...options, taskSize, fields };
  }

  *accept(envelope: Envelope, now: number): Generator<Step> {
    const { header, payload } = envelope;
    const [first] = this.#gathered;
    if (first && !isSamePlace(first.header, header)) this.#send();
    this.#gathered.push(envelope);
    this.#bytes += payload.length;
    if (this.#bytes >= this.#options.taskSize || header.last) this.#send();
    yield* this.#takeIn(header.last ? 0 : mostTasks, now);
  }

  *end(ending: Envelope, now: number): Generator<Step> {
    this.#send();
    yield* this.#takeIn(0, now);
    yield* this.#core.end(ending);
  }

  counters(): Record<string, number> {
    return { ...this.#core.counters(), ...this.#options.executor.takeTimes() };
  }

  /** Between two batches nothing is under way. */
  snapshot(): Json {
    return this.#core.snapshot();
  }

  restore(snapshot: Json): void {
    this.#core.restore(snapshot);
  }

  #send(): void {
    const parts = this.#gathered;
    // Sessions are made of records, one by one.
    const isWorthIt = this.#bytes >= this.#options.taskSize / 2 && !parts[0]?.header.session;
    this.#gathered = [];
    this.#bytes = 0;
    if (parts.length > 0) this.#tasks.push(isWorthIt ? this.#start(parts) : { parts });
  }

  #start(parts: readonly Envelope[]): Task {
    const { executor, fields } = this.#options;
    const input = { parts: parts.map(partOf), ...(fields && { fields }) };
    const done = executor.run('foldParts', input, packParts).then(
      (result) => {
        takeBack(result);
        task.outcome = result;
      },
      (failure: unknown) => void (task.outcome = { failure }),
    );
    const task: Task = { parts, done };
    return task;
  }

  /** Takes in results until at most so many tasks are left. */
  *#takeIn(most: number, now: number): Generator<Step> {
    while (this.#tasks.length > most) {
      const task = this.#tasks[0] as Task;
      if (task.done && !task.outcome) yield task.done;
      this.#tasks.shift();
      yield* this.#fold(task, now);
    }
  }

  *#fold({ parts, outcome }: Task, now: number): Generator<Envelope> {
    if (!outcome || ('exported' in outcome && !outcome.exported)) {
      for (const part of parts) yield* this.#core.accept(part, now);
      return;
    }
    if ('failure' in outcome) this.#giveUp(parts, outcome.failure);
    const { header } = parts.at(-1) as Envelope;
    const n = parts.reduce((sum, part) => sum + part.header.n, 0);
    yield* 'exported' in outcome && outcome.exported
      ? this.#core.accept({ header: { ...header, n }, payload: noRecords, folded: outcome.exported }, now)
      : this.#core.accept({ header: { ...header, n: 0 }, payload: noRecords }, now);
  }

  /** The error policy for parts that no worker could fold. Throws where it is to stop. */
  #giveUp(parts: readonly Envelope[], failure: unknown): void {
    const { rejects } = this.#options;
    const reason = messageOf(failure);
    if (rejects.stops) throw new SluiceError('bug', `${rangeOf(parts)}: ${reason}`, undefined, failure);
    for (const part of parts) {
      for (const [index, record] of decodeRecords(part).entries())
        rejects.reject(record, placeOf(part.header, index), reason);
    }
  }
}

function rangeOf(parts: readonly Envelope[]): string {
  const [first, last] = [parts[0]?.header, parts.at(-1)?.header];
  const numbers = parts.length === 1 ? `part ${first?.part}` : `part ${first?.part} to ${last?.part}`;
  return `batch ${first?.batch}, ${numbers}`;
}

/** Of one batch, and one pane or window of it. */
export function isSamePlace(one: Header, other: Header): boolean {
  const [a, b] = [one.pane ?? one.window, other.pane ?? other.window];
  return one.batch === other.batch && a?.start === b?.start && a?.end === b?.end;
}
