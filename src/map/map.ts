// Records → records, part by part: steps that leave some out keep the bytes of the others, all else is parsed and written anew.
// Parts with work for functions of users are done by worker threads, and leave in the order in which they came.
import type { Envelope } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { messageOf, SluiceError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import { placeOf } from '../record/messages.ts';
import type { Core, Step as CoreStep } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { GrownParts, keptPart } from './grown-parts.ts';
import { PartMapper, type MappedPart } from './map-part.ts';
import { packTask, unpacked, type StepSource } from './map-task.ts';
import { PartRecords } from './part-records.ts';
import type { Step } from './step.ts';

export type MapOptions = {
  readonly rejects: Rejects;
  /** Milliseconds. */
  readonly taskTimeout: number;
  /** About so many bytes of records in a part. */
  readonly partSize: number;
  /** Where there is work for workers, who does it. */
  readonly workers?: MapWorkers | undefined;
};

export type MapWorkers = {
  readonly executor: Executor;
  readonly source: StepSource;
  /** Fewer bytes are done here. */
  readonly worthTask?: number;
};

/** A part on its way, and what has become of it. */
type Task = { readonly envelope: Envelope; done?: Promise<void>; mapped?: () => MappedPart };

export class MapCore implements Core {
  readonly #mapper: PartMapper;
  readonly #rejects: Rejects;
  readonly #workers: MapWorkers | undefined;
  /** In the order of the stream. */
  readonly #tasks: Task[] = [];
  readonly #parts = new GrownParts();
  readonly snapshot?: () => Json;

  constructor(steps: readonly Step[], { rejects, workers, ...options }: MapOptions) {
    this.#rejects = rejects;
    this.#workers = workers;
    this.#mapper = new PartMapper(steps, { ...options, stops: rejects.stops ?? false });
    const held = steps.flatMap((step) => step.held ?? []);
    if (held.length === 0) return;
    this.snapshot = () => held.map(({ snapshot }) => snapshot());
    this.restore = (snapshot) => {
      for (const [index, { restore }] of held.entries()) restore((snapshot as Json[])[index] ?? null);
    };
  }

  readonly restore?: (snapshot: Json) => void;

  *accept(envelope: Envelope): Generator<CoreStep> {
    requireBatch(envelope.header, 'map');
    this.#tasks.push(this.#start(envelope));
    yield* this.#finish(envelope.header.last ? 0 : this.#mostTasks);
  }

  *end(ending: Envelope): Generator<CoreStep> {
    yield* this.#finish(0);
    yield ending;
  }

  counters(): Record<string, number> {
    const rejected = this.#rejects.takeCount();
    return { ...(rejected > 0 && { rejected }), ...this.#workers?.executor.takeTimes() };
  }

  /** As many as keep all workers busy while parts are read and written here. */
  get #mostTasks(): number {
    return 2 * (this.#workers?.executor.workers ?? 0);
  }

  #start(envelope: Envelope): Task {
    const { payload, header } = envelope;
    const workers = this.#workers;
    const worthTask = workers?.worthTask ?? 32 * 1024;
    if (!workers || payload.length < worthTask) return { envelope };
    const task: Task = { envelope };
    const input = { source: workers.source, payload, count: header.n };
    task.done = workers.executor.run('mapPart', input, packTask).then(
      (result) => void (task.mapped = () => unpacked(result)),
      (error: unknown) => void (task.mapped = () => this.#lost(header.n, error)),
    );
    return task;
  }

  /** Until at most so many tasks are left. */
  *#finish(most: number): Generator<CoreStep> {
    while (this.#tasks.length > most || (this.#tasks[0] && !this.#tasks[0].done)) {
      const task = this.#tasks[0] as Task;
      if (task.done && !task.mapped) yield task.done;
      this.#tasks.shift();
      yield* this.#write(task.envelope, task.mapped?.() ?? this.#mapper.map(task.envelope));
    }
  }

  /** The error policy for a part that no worker could do. Throws where it is to stop. */
  #lost(count: number, error: unknown): MappedPart {
    if (this.#rejects.stops) throw new SluiceError('bug', messageOf(error), undefined, error);
    const reason = messageOf(error);
    return { faults: Array.from({ length: count }, (_, index) => [index, reason]), outcome: { kept: [] } };
  }

  *#write(envelope: Envelope, { faults, outcome }: MappedPart): Generator<Envelope> {
    const part = new PartRecords(envelope);
    for (const [index, reason] of faults)
      this.#rejects.reject(part.record(index), placeOf(envelope.header, index), reason);
    if ('kept' in outcome) yield kept(envelope, part, outcome.kept);
    else yield* this.#parts.write(envelope.header, outcome.pieces);
  }
}

/** The records of a part that stay, in their own bytes. */
function kept(envelope: Envelope, part: PartRecords, indexes: readonly number[]): Envelope {
  const keepsLast = indexes.at(-1) === part.count - 1;
  return keptPart(envelope, indexes.length, keepsLast, () => part.cut(indexes));
}
