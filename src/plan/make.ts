// A plan's stages, made: each checks what can be checked before the first byte is read.
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { SluiceError } from '../errors.ts';
import type { Stage } from '../stage/stage.ts';
import { culprit } from './culprit.ts';
import type { Plan } from './plan.ts';
import { textError } from './pipeline-text.ts';
import { nodesOf, shownSink, type PlanNode } from './tree.ts';

export type MadeNode = Omit<PlanNode, 'next'> & { readonly stage: Stage; readonly next: readonly MadeNode[] };

/** What is said of the whole pipeline, for stages that do not say otherwise. */
type Shared = {
  /** For each stage that has work for workers. */
  readonly workers: number;
  readonly taskTimeout: number | undefined;
  /** For the sink that shows what the pipeline does. */
  readonly shown: { readonly http: string | undefined; readonly metrics: string | undefined };
};

/** Throws SluiceError that points at the word in question. */
export async function makeStages({ text, roots }: Plan, shared: Shared): Promise<MadeNode[]> {
  const made = await makeAll(text, roots, shared, shownSink(roots));
  refuseSharedTargets(text, made);
  refuseMergesInBranches(text, made);
  refuseSharedState(text, made);
  refuseOwnInput(text, made);
  refuseSideFiles(text, made);
  return made;
}

async function makeAll(
  text: string,
  nodes: readonly PlanNode[],
  shared: Shared,
  shows: PlanNode | undefined,
): Promise<MadeNode[]> {
  const made: MadeNode[] = [];
  for (const node of nodes) {
    const stage = await makeStage(text, node, shared, node === shows);
    made.push({ ...node, stage, next: await makeAll(text, node.next, shared, shows) });
  }
  return made;
}

async function makeStage(
  text: string,
  { planned: { command, invocation, words } }: PlanNode,
  { workers, taskTimeout, shown }: Shared,
  shows: boolean,
): Promise<Stage> {
  const { settings, operands, order } = invocation;
  const ofAll = {
    ...(shows && { http: settings['http'] ?? shown.http, metrics: settings['metrics'] ?? shown.metrics }),
    ...('workers' in command.options && { workers: settings['workers'] ?? workers }),
    ...('task-timeout' in command.options && { taskTimeout: settings['taskTimeout'] ?? taskTimeout }),
  };
  try {
    return await command.make({ ...settings, ...ofAll }, operands, order);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const { message, hint, exit } = error;
    throw textError(`${command.name}: ${message}`, text, culprit(words, message), hint, exit);
  }
}

/** Pipelines that begin with sources of their own are two jobs: neither knows what the other has done. */
function refuseSharedState(text: string, roots: readonly MadeNode[]): void {
  const taken = new Set<string>();
  for (const { stage, planned } of roots) {
    if (stage.role !== 'source' || stage.state === undefined) continue;
    const state = resolve(stage.state);
    if (taken.has(state)) {
      throw textError(
        'another `ingest` keeps its state in the same folder',
        text,
        planned.words[0],
        'pipelines that begin in common share their state; give others a folder each: ingest --state DIR',
      );
    }
    taken.add(state);
  }
}

/** The file of a job that keeps state is begun before the input is read; without state it takes the place of what was there at the end. */
function refuseOwnInput(text: string, roots: readonly MadeNode[]): void {
  for (const root of roots) {
    if (root.stage.role !== 'source' || root.stage.state === undefined) continue;
    const read = new Set(root.planned.invocation.operands.map(placeOf));
    for (const { stage, planned } of nodesOf([root])) {
      if (stage.role !== 'sink' || !stage.targets.some((target) => read.has(target))) continue;
      const message = '`ingest` reads this file, and a job that keeps state writes to it from the start';
      throw textError(message, text, operandOf(planned), 'write to another one');
    }
  }
}

/** What goes aside, such as rejected records, is added to a file, which nothing else may read or write. */
const sideFiles = ['onError', 'late', 'progressJson'];

function refuseSideFiles(text: string, roots: readonly MadeNode[]): void {
  const nodes = Array.from(nodesOf(roots));
  const taken = new Set(roots.flatMap(({ planned }) => planned.invocation.operands.map(placeOf)));
  for (const { stage } of nodes)
    for (const target of stage.role === 'sink' ? stage.targets : []) taken.add(target);
  for (const { planned } of nodes)
    for (const name of sideFiles) {
      const file = planned.invocation.settings[name];
      const isFile = typeof file === 'string' && !(name === 'onError' && ['fail', 'skip'].includes(file));
      if (!isFile || !taken.has(placeOf(file))) continue;
      const word = planned.words.find((one) => one.text === file || one.text.endsWith(`=${file}`));
      const message = 'this file is read or written by the pipeline already';
      throw textError(message, text, word ?? planned.words[0], 'name another one');
    }
}

/** Where a file is, links followed, if it is there. */
function placeOf(operand: string): string {
  try {
    return realpathSync(operand);
  } catch {
    return resolve(operand);
  }
}

/** Two sinks of one target would write over each other, or their tables would be mixed. */
function refuseSharedTargets(text: string, roots: readonly MadeNode[]): void {
  const taken = new Set<string>();
  for (const { stage, planned } of nodesOf(roots)) {
    if (stage.role !== 'sink') continue;
    for (const target of stage.targets) {
      if (taken.has(target)) throw sharedTarget(text, target, planned);
      taken.add(target);
    }
  }
}

/** The word that is an operand of a stage, or else its name. */
function operandOf({ words, invocation }: PlanNode['planned']): PlanNode['planned']['words'][0] {
  const [name, ...rest] = words;
  return rest.findLast((word) => invocation.operands.includes(word.text)) ?? name;
}

function sharedTarget(text: string, target: string, planned: PlanNode['planned']): SluiceError {
  const problem =
    target === '-'
      ? 'another `emit` writes to standard output already: their tables would be mixed'
      : 'another `emit` writes to this file already';
  const hint = 'give each a file of its own: emit a.csv ; … | emit b.csv';
  return textError(problem, text, operandOf(planned), hint);
}

/** True where some stage reads further streams, as join does. */
export function hasMerge(nodes: readonly MadeNode[]): boolean {
  return Array.from(nodesOf(nodes)).some(({ stage }) => stage.role === 'merge');
}

/** Such a stage takes its input when it wants it; a branch is given each envelope at once. */
function refuseMergesInBranches(text: string, roots: readonly MadeNode[]): void {
  for (const { next } of nodesOf(roots)) {
    if (next.length < 2) continue;
    for (const { stage, planned } of nodesOf(next)) {
      if (stage.role !== 'merge') continue;
      const message = `${stage.name} cannot stand behind the place where pipelines part`;
      const hint = 'run the two pipelines by themselves, or put it in front of what they do not share';
      throw textError(message, text, planned.words[0], hint);
    }
  }
}
