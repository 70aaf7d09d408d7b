// A tree of stages, run: one source, whose output goes down all branches to their sinks. Each envelope goes through all of
// them before the next one is read, so that what is shared is computed once and never kept longer than that.
import { broadcast, inBranch, numbered, route, type Branch } from '../stage/branches.ts';
import { chain, type Core } from '../stage/core.ts';
import { Committing } from '../stage/committing.ts';
import { withState } from '../stage/driven-core.ts';
import type { Output } from '../stage/output.ts';
import { QueuedOutput } from '../stage/queued-output.ts';
import { withReport } from '../stage/reporting.ts';
import { runJob } from '../stage/run-job.ts';
import type { SinkStage, Stage } from '../stage/stage.ts';
import { reportedCore, type FusedStart } from './fuse.ts';
import { Leaves } from './leaves.ts';
import type { MadeNode } from './make.ts';
import { trunkOf } from './segments.ts';
import { nodesOf, shownSink } from './tree.ts';

export type Tree = { readonly root: MadeNode; readonly leaves: Leaves };

/** What became of a tree: `failures` of branches, or of what they have in common. */
export type Outcome = { readonly exitCode: number; readonly failures: readonly unknown[] };

/** Opens the sinks of all, before anything is read. */
export async function openTrees(roots: readonly MadeNode[]): Promise<Tree[]> {
  const shown = shownSink(roots)?.stage;
  const trees: Tree[] = [];
  try {
    for (const root of roots) trees.push({ root, leaves: await Leaves.open(sinksOf([root]), shown) });
  } catch (error) {
    for (const { leaves } of trees) await leaves.abandon();
    throw error;
  }
  return trees;
}

function sinksOf(roots: readonly MadeNode[]): SinkStage[] {
  return Array.from(nodesOf(roots)).flatMap(({ stage }) => (stage.role === 'sink' ? stage : []));
}

export async function runTree({ root, leaves }: Tree, fused: FusedStart | undefined): Promise<Outcome> {
  const output = outputTo(leaves);
  const branches = new Branches(root, leaves, output);
  try {
    if (!fused) {
      const failures: unknown[] = [];
      const job = runOrdinary(root, branches, output, (failure) => failures.push(failure));
      const outcome = await settle(job, leaves);
      return { ...outcome, failures: [...failures, ...outcome.failures] };
    }
    const { read, core, covers } = fused.start((node, work) => branches.of(node, work));
    const outlets = route(fused.reduces.map((node) => branches.of(node, branches.below(node))));
    const rest = fused.reduces.flatMap(({ next }) => stagesOf(next));
    const job = runJob(read, chain(withReport(core, fused.name), outlets), output, [...covers, ...rest]);
    return await settle(job, leaves);
  } finally {
    await fused?.close();
    if (root.stage.role === 'source') await root.stage.finish?.();
  }
}

function runOrdinary(
  root: MadeNode,
  branches: Branches,
  output: Output,
  onFailure: (failure: unknown) => void,
): ReturnType<typeof runJob> {
  const { stage } = root;
  if (stage.role !== 'source') throw new TypeError('a tree begins with a source');
  const start = { read: stage.read, core: withReport(stage.core, stage.name) as Core<unknown> };
  const { read, core, node } = trunkOf(root, start, onFailure);
  return runJob(read, chain(core, branches.below(node)), output, stagesOf([root]));
}

function outputTo(leaves: Leaves): QueuedOutput {
  return new QueuedOutput(new Committing(leaves, leaves.outputs, (branch) => leaves.areOver([branch])));
}

async function settle(job: ReturnType<typeof runJob>, leaves: Leaves): Promise<Outcome> {
  try {
    const { exitCode } = await job;
    return { exitCode, failures: leaves.failures };
  } catch (error) {
    return { exitCode: 0, failures: [...leaves.failures, error] };
  }
}

function stagesOf(nodes: readonly MadeNode[]): Stage[] {
  return Array.from(nodesOf(nodes), ({ stage }) => stage);
}

/** Cores for what lies below a node, with the leaves they lead to. */
class Branches {
  readonly #numbers = new Map<MadeNode, number>();
  readonly #leaves: Leaves;
  readonly #output: QueuedOutput;

  constructor(root: MadeNode, leaves: Leaves, output: QueuedOutput) {
    this.#leaves = leaves;
    this.#output = output;
    for (const node of nodesOf([root])) {
      if (node.stage.role === 'sink') this.#numbers.set(node, this.#numbers.size);
    }
  }

  /** `core` does the work of `node`, or of what lies below it. */
  of(node: MadeNode, core: Core): Branch {
    const numbers = Array.from(nodesOf([node])).flatMap((below) => this.#numbers.get(below) ?? []);
    let hasFailed = false;
    return {
      core,
      isOver: () => hasFailed || this.#leaves.areOver(numbers),
      fail: (error) => {
        hasFailed = true;
        // What came before is on its way, and is shown.
        this.#output.behind(() => this.#leaves.fail(numbers, error));
      },
    };
  }

  below(node: MadeNode): Core {
    const [first, ...others] = node.next;
    // What fails where there is no branch fails for all above, up to where there is one.
    if (first && others.length === 0) return this.#through(first);
    return broadcast(
      node.next.map((next, index) => this.of(next, inBranch(this.#through(next), `${index}.`))),
    );
  }

  #through(node: MadeNode): Core {
    const number = this.#numbers.get(node);
    if (number !== undefined && node.stage.role === 'sink') {
      const core = withState(node.stage.core, node.stage);
      return this.#numbers.size === 1 ? core : numbered(core, number);
    }
    return chain(reportedCore(node), this.below(node));
  }
}
