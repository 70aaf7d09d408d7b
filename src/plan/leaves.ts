// The sinks at the ends of a plan's branches, as one output. A sink that fails ends its own branch; those that are left go
// on, and the run is over when none is.
import { isEnd, type Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { branchOf } from '../stage/branches.ts';
import type { JobOutput } from '../stage/committing.ts';
import { ReaderGone, type Output } from '../stage/output.ts';
import type { SinkStage, Stage } from '../stage/stage.ts';

type Leaf = {
  readonly output: JobOutput;
  readonly name: string;
  isOver: boolean;
  /** It is over since a stage ahead of it failed. */
  isCutOff: boolean;
};

export class Leaves implements Output {
  readonly #leaves: Leaf[] = [];
  readonly #abandoned: Promise<void>[] = [];
  #open = 0;
  /** Why branches ended that did not end well. */
  readonly failures: unknown[] = [];

  /** Opens all sinks, or none. `shown` is the one that may show what the pipeline does. */
  static async open(sinks: readonly SinkStage[], shown: Stage | undefined): Promise<Leaves> {
    const leaves = new Leaves();
    try {
      for (const sink of sinks) {
        const output = await sink.open(sink === shown);
        leaves.#leaves.push({ output, name: sink.name, isOver: false, isCutOff: false });
        leaves.#open += 1;
      }
    } catch (error) {
      await leaves.abandon();
      throw error;
    }
    return leaves;
  }

  /** Throws ReaderGone once no branch is left. */
  async write(envelope: Envelope): Promise<void> {
    const leaf = this.#leaves[branchOf(envelope)];
    if (!leaf || leaf.isOver) return;
    try {
      await leaf.output.write(envelope);
    } catch (error) {
      if (error instanceof SluiceError) error.stage ??= leaf.name;
      this.fail([branchOf(envelope)], error);
    }
    leaf.isCutOff ||= envelope.header.end === 'failed';
    if (isEnd(envelope)) this.#close(leaf);
    else if (this.#open === 0) throw new ReaderGone();
  }

  /** By branch. */
  get outputs(): JobOutput[] {
    return this.#leaves.map(({ output }) => output);
  }

  areOver(branches: readonly number[]): boolean {
    return branches.every((branch) => this.#leaves[branch]?.isOver);
  }

  /** Ends these branches, if they have not ended before, or only heard that something failed. */
  fail(branches: readonly number[], error: unknown): void {
    const isTold = branches.every((branch) => this.#leaves[branch]?.isCutOff);
    if (this.areOver(branches) && !isTold) return;
    if (!(error instanceof ReaderGone)) this.failures.push(error);
    for (const branch of branches) this.#abandon(this.#leaves[branch]);
  }

  async abandon(): Promise<void> {
    for (const leaf of this.#leaves) this.#abandon(leaf);
    await Promise.all(this.#abandoned);
  }

  #abandon(leaf: Leaf | undefined): void {
    if (!leaf || leaf.isOver) return;
    this.#close(leaf);
    const cleaning = leaf.output.abandon?.();
    if (cleaning) this.#abandoned.push(cleaning);
  }

  #close(leaf: Leaf): void {
    if (leaf.isOver) return;
    leaf.isOver = true;
    this.#open -= 1;
  }
}
