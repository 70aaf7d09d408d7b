// A plan, for people and as JSON: as it was written, and as it would be run. What branches share stands there once.
import type { Reduction } from '../stage/stage.ts';
import { drawTrees, type Drawn } from './draw.ts';
import type { FusedStart } from './fuse.ts';
import type { MadeNode } from './make.ts';
import type { PlannedStage } from './plan.ts';
import { nodesOf } from './tree.ts';

export type ExplainedTree = { readonly root: MadeNode; readonly fused: FusedStart | undefined };

/** A node as it is shown, as a line and as data. */
type Shown = Drawn & { readonly id: number; readonly data: object; readonly next: readonly Shown[] };

export function explain(trees: readonly ExplainedTree[], asJson: boolean): string {
  const written = trees.map(({ root }) => shown(root, flow));
  let id = Math.max(...Array.from(nodesOf(written), (node) => node.id));
  const run = trees.map(({ root, fused }) => (fused ? scanned(fused, ++id) : shown(root, optimised)));
  if (!asJson) return `as written\n${drawTrees(written)}\nas run\n${drawTrees(run)}`;
  return `${JSON.stringify({ version: 1, written: flat(written), run: flat(run) }, undefined, 2)}\n`;
}

/** Each node with the ids of those whose output it takes. */
function flat(trees: readonly Shown[], inputs: readonly number[] = []): object[] {
  return trees.flatMap(({ id, data, next }) => [{ id, inputs, ...data }, ...flat(next, [id])]);
}

function shown(node: MadeNode, doing: (node: MadeNode) => string[]): Shown {
  const { id, planned, next } = node;
  const { command, invocation } = planned;
  return {
    id,
    name: typed(planned),
    does: doing(node).join(', '),
    data: {
      stage: command.name,
      operands: invocation.operands,
      settings: invocation.settings,
      ...(invocation.order.length > 0 && { order: invocation.order }),
    },
    next: next.map((below) => shown(below, doing)),
  };
}

function flow({ planned, next }: MadeNode): string[] {
  return [planned.command.flow, ...(next.length > 1 ? [`kept for ${next.length} branches`] : [])];
}

function optimised(node: MadeNode): string[] {
  const { stage } = node;
  const reduction = stage.role === 'filter' ? stage.reduction : undefined;
  if (reduction) return [...flow(node), `from bytes: ${looksAt(reduction)}`];
  const { command, invocation } = node.planned;
  // One without aggregates and keys merges rows.
  const decodes = command.name === 'reduce' && invocation.operands.length > 0;
  return [...flow(node), ...(decodes ? ['record by record'] : [])];
}

function scanned({ name, source, batch, reduces, files, threads }: FusedStart, id: number): Shown {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return {
    id,
    name: [name, ...source.planned.invocation.operands.map(quoted)].join(' '),
    does: `${counted(bytes, 'byte')} of ${counted(files.length, 'file')}, read by ${counted(threads, 'thread')}`,
    data: { stage: name, for: [source.id, batch.id], files, threads },
    next: reduces.map((node) => reducedInScan(node)),
  };
}

function reducedInScan(node: MadeNode): Shown {
  const { stage } = node;
  const reduction = stage.role === 'filter' ? stage.reduction : undefined;
  const below = shown(node, optimised);
  if (!reduction) return below;
  const does = `pushed down to where the bytes are read: ${looksAt(reduction)}`;
  return { ...below, does, data: { ...below.data, pushedDown: true, reads: fieldsOf(reduction) } };
}

function looksAt(reduction: Reduction): string {
  const fields = fieldsOf(reduction);
  return fields ? `looks at ${fields.join(', ')} only` : 'counts words';
}

/** Columns of text or members of objects; undefined for words. */
function fieldsOf({ fields }: Reduction): string[] | undefined {
  if (!fields) return undefined;
  const { text, json } = fields;
  const columns = text ? [text.key, ...text.values].filter((column) => column > 0) : [];
  return [
    ...new Set([...columns.map((column) => `$${column}`), ...(json ? [...json.groups, ...json.values] : [])]),
  ];
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

function typed({ words }: PlannedStage): string {
  return words.map(({ text }) => quoted(text)).join(' ');
}

function quoted(text: string): string {
  return /[\s|'"\\#$();&<>*?]/.test(text) || text === '' ? `'${text.replaceAll("'", "'\\''")}'` : text;
}
