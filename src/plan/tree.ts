// Pipelines with the same beginning share it: what they have in common is run once, and each gets what comes out.
import type { PlannedStage } from './plan.ts';

/** A stage, and those that take what it puts out. Pipelines are the paths through a tree. */
export type PlanNode = {
  /** From 1, in the order of the text. */
  readonly id: number;
  readonly planned: PlannedStage;
  readonly next: readonly PlanNode[];
};

type GrowingNode = PlanNode & { readonly next: GrowingNode[] };

/** One tree for each source. Stages are the same where name, settings and operands are; sinks are never shared. */
export function shareBeginnings(pipelines: readonly (readonly PlannedStage[])[]): PlanNode[] {
  const roots: GrowingNode[] = [];
  let count = 0;
  for (const pipeline of pipelines) {
    let siblings = roots;
    for (const planned of pipeline) {
      let node = siblings.find((sibling) => isShared(sibling.planned, planned));
      if (!node) siblings.push((node = { id: ++count, planned, next: [] }));
      siblings = node.next;
    }
  }
  return roots;
}

function isShared(one: PlannedStage, other: PlannedStage): boolean {
  return one.command.role !== 'sink' && identityOf(one) === identityOf(other);
}

/** However it was written: settings are parsed, so that `1m` is `60s`, and defaults are filled in. */
function identityOf({ command, invocation }: PlannedStage): string {
  return JSON.stringify([
    command.name,
    invocation.operands,
    invocation.order,
    Object.entries(invocation.settings),
  ]);
}

/** Of all sinks the one that shows what the pipeline does: that on standard output, or the first. */
export function shownSink<Node extends Pick<PlanNode, 'planned'> & { readonly next: readonly Node[] }>(
  roots: readonly Node[],
): Node | undefined {
  const sinks = Array.from(nodesOf(roots)).filter(({ planned }) => planned.command.role === 'sink');
  const isOnStandardOutput = ({ planned: { invocation } }: Node): boolean =>
    invocation.operands.length === 0 || invocation.operands.includes('-');
  return sinks.find(isOnStandardOutput) ?? sinks[0];
}

/** All of a tree, each node in front of those behind it. */
export function* nodesOf<Node extends { readonly next: readonly Node[] }>(
  roots: readonly Node[],
): Generator<Node> {
  for (const root of roots) {
    yield root;
    yield* nodesOf(root.next);
  }
}
