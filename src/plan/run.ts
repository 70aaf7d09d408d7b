// `sluice run` and `sluice explain`: a plan carried out in this process, or shown.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { exitCodes } from '../exit-codes.ts';
import { messageOf, SluiceError, systemCode } from '../errors.ts';
import { closeStandardInput } from '../stage/standard-input.ts';
import { reportError } from '../stage/stderr.ts';
import type { ExplainSettings, RunSettings } from './command.ts';
import { explain } from './explain.ts';
import { fuseStart } from './fuse.ts';
import { makeStages, type MadeNode } from './make.ts';
import { planPipelines } from './plan.ts';
import { openTrees, runTree } from './run-tree.ts';

/** Resolves to the exit code: the highest of all branches. */
export async function runPipeline(settings: RunSettings, operands: string[]): Promise<number> {
  const roots = await madeStages(settings, operands);
  const starts = await Promise.all(roots.map(fuseStart));
  for (const start of starts) start?.warmUp();
  const trees = await openTrees(roots);
  try {
    const outcomes = await Promise.all(trees.map((tree, index) => runTree(tree, starts[index])));
    const failures = outcomes.flatMap((outcome) => outcome.failures);
    const codes = outcomes.map(({ exitCode }) => exitCode);
    for (const failure of failures) codes.push(reportError(failure, 'run'));
    return Math.max(...codes);
  } finally {
    closeStandardInput();
  }
}

export async function explainPipeline(settings: ExplainSettings, operands: string[]): Promise<number> {
  const roots = await madeStages(settings, operands);
  const trees = await Promise.all(roots.map(async (root) => ({ root, fused: await fuseStart(root) })));
  process.stdout.write(explain(trees, settings.json));
  return exitCodes.ok.code;
}

async function madeStages(settings: RunSettings | ExplainSettings, operands: string[]): Promise<MadeNode[]> {
  const { file, workers = availableParallelism(), taskTimeout, http, metrics } = settings;
  const plan = await planPipelines(pipelineText(file, operands));
  // The main thread is one of those that are said.
  return makeStages(plan, { workers: Math.max(0, workers - 1), taskTimeout, shown: { http, metrics } });
}

function pipelineText(file: string | undefined, [operand]: string[]): string {
  if ((file === undefined) === (operand === undefined)) {
    throw new SluiceError(
      'usage',
      'which pipeline?',
      "give it in quotes, sluice run 'ingest a.log | …', or in a file, sluice run --file job.sluice",
    );
  }
  if (operand !== undefined) return operand;
  try {
    return readFileSync(file ?? '', 'utf8');
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'no such file' : messageOf(error);
    throw new SluiceError('noInput', `${file}: ${why}`, undefined, error);
  }
}
