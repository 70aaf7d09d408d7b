// The sinks of a job that keeps state, as one output. Once all of them have a batch, that is written down: several batches
// at once under load, since bringing things to the disk takes longer than a small batch does.
import { monotonicTime } from '../clock.ts';
import { isEnd, type Envelope, type Job } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { JobCommits } from '../state/job-commits.ts';
import { branchOf } from './branches.ts';
import type { Output } from './output.ts';

/** An output that can go on where an earlier run left off. */
export interface JobOutput extends Output {
  /** Throws SluiceError where it cannot. */
  resume(from: Resumption): Promise<void>;
  /** Everything written so far is there for good, as what belongs to batch `batch` and those before. Resolves to what `resume` needs. */
  commit(batch: number): Promise<Json>;
}

export type Resumption = {
  /** Tells this job from others that write to the same place, also from one that had its state folder before. */
  readonly job: string;
  /** All up to this batch is there: it comes once more, and is passed over. Undefined where there is nothing yet. */
  readonly committed: number | undefined;
  /** What the last `commit` of an earlier run resolved to. */
  readonly kept: Json | undefined;
  readonly group?: Job['group'];
};

/** Commits are at least so many milliseconds apart, but for the last one. */
const leastInterval = 100;

export class Committing implements Output {
  readonly #output: Output;
  readonly #sinks: readonly JobOutput[];
  readonly #jobs: Job[] = [];
  #commits: JobCommits | undefined;
  /** For each branch the newest batch that it has all of, and the newest checkpoint. */
  readonly #written: (number | undefined)[];
  readonly #reached: (number | undefined)[];
  /** For each branch whether it is within a batch. */
  readonly #isWithin: boolean[];
  #committed: number | undefined;
  #committedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Writes and commits, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Held back until all branches have come to theirs: a sink is closed with its end, and commits before. */
  readonly #endings: Envelope[] = [];
  readonly #isOver: (branch: number) => boolean;

  /** `output` hands envelopes on to `sinks`, by branch; some of them may be over before the stream is. */
  constructor(output: Output, sinks: readonly JobOutput[], isOver = (_branch: number): boolean => false) {
    this.#output = output;
    this.#sinks = sinks;
    this.#isOver = isOver;
    this.#written = sinks.map(() => undefined);
    this.#reached = sinks.map(() => undefined);
    this.#isWithin = sinks.map(() => false);
  }

  write(envelope: Envelope): Promise<void> | void {
    if (!this.#commits && !envelope.header.job) return this.#output.write(envelope);
    return this.#inTurn(() => this.#write(envelope));
  }

  async abandon(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#turn.catch(() => undefined);
    await this.#output.abandon?.();
  }

  /** What failed in an earlier turn fails this one as well. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work);
    // Of a turn that a timer took the next write tells.
    this.#turn.catch(() => undefined);
    return this.#turn;
  }

  async #write(envelope: Envelope): Promise<void> {
    const { header } = envelope;
    if (header.job) await this.#begin(header.job);
    if (this.#commits && isEnd(envelope)) return this.#end(envelope);
    await this.#output.write(envelope);
    // What is written of a batch that is not whole must not be taken for a part of the one before.
    if (header.batch !== undefined) this.#isWithin[branchOf(envelope)] = header.last === false;
    if (!header.last) return;
    this.#note(envelope);
    await this.#commitSoon();
  }

  /** Each branch tells of its stages. */
  async #begin(job: Job): Promise<void> {
    this.#jobs.push(job);
    if (this.#jobs.length < this.#sinks.length) return;
    const { JobCommits } = await import('../state/job-commits.ts');
    const stages = new Map(this.#jobs.flatMap((one) => one.stages).map((stage) => [stage.key, stage]));
    const commits = new JobCommits(job, [...stages.values()]);
    const { batch, isEnded, sinks = [] } = commits.last ?? {};
    const committed = isEnded ? undefined : batch;
    for (const [index, sink] of this.#sinks.entries())
      await sink.resume({
        job: commits.id,
        committed,
        kept: sinks[index],
        ...(job.group && { group: job.group }),
      });
    this.#committed = committed;
    this.#commits = commits;
  }

  #note(envelope: Envelope): void {
    const { batch, checkpoint } = envelope.header;
    if (batch !== undefined) this.#written[branchOf(envelope)] = batch;
    if (checkpoint !== undefined) this.#reached[branchOf(envelope)] = checkpoint;
  }

  async #commitSoon(): Promise<void> {
    if (this.#timer || this.#whole === undefined) return;
    const wait = this.#committedAt + leastInterval - monotonicTime();
    if (wait <= 0) return this.#commit(this.#whole, false);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#inTurn(() => this.#commitSoon());
    }, wait);
  }

  /** The batch that all branches have come to the end of, if it is new: what one has of the next one would be taken for a part of it. */
  get #whole(): number | undefined {
    const [first] = this.#written;
    return this.#isEven && first !== undefined && first > (this.#committed ?? -1) ? first : undefined;
  }

  get #isEven(): boolean {
    return !this.#isWithin.includes(true) && this.#written.every((batch) => batch === this.#written[0]);
  }

  /** The last commit, once all branches that are left have come to their end. */
  async #end(ending: Envelope): Promise<void> {
    this.#note(ending);
    this.#endings.push(ending);
    if (this.#endings.length < this.#left) return;
    clearTimeout(this.#timer);
    const isOver = ending.header.end === 'ok';
    // With the end for good some branches have a batch more: what was open in them.
    const last = isOver ? Math.max(...this.#written.map((batch) => batch ?? -1)) : this.#whole;
    if (isOver || this.#isEven) await this.#commit(last ?? this.#committed ?? -1, isOver);
    for (const each of this.#endings) await this.#output.write(each);
  }

  get #left(): number {
    return this.#sinks.filter((_, branch) => !this.#isOver(branch)).length;
  }

  async #commit(batch: number, isEnded: boolean): Promise<void> {
    const commits = this.#commits;
    // What one sink does not have is not had: the next run makes it for all of them.
    if (!commits || batch < 0 || this.#left < this.#sinks.length) return;
    const reached = this.#reached.every((one) => one !== undefined);
    const checkpoint = reached ? Math.min(...this.#reached) : undefined;
    commits.prepare();
    const kept: Json[] = [];
    for (const sink of this.#sinks) kept.push(await sink.commit(batch));
    commits.write({ batch, checkpoint, isEnded }, kept);
    this.#committed = batch;
    this.#committedAt = monotonicTime();
  }
}
