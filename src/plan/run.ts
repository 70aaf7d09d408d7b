// `sluice run` and `sluice explain`: a plan carried out in this process, or shown.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Envelope } from '../envelope/envelope.ts';
import { exitCodes } from '../exit-codes.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { chain, type Core } from '../stage/core.ts';
import { withReport } from '../stage/reporting.ts';
import { runJob } from '../stage/run-job.ts';
import type { SinkStage, SourceStage, Stage } from '../stage/stage.ts';
import type { ExplainSettings, RunSettings } from './command.ts';
import { explain } from './explain.ts';
import { fuseStart } from './fuse.ts';
import { culprit, planPipeline, type Plan } from './plan.ts';
import { textError } from './pipeline-text.ts';

/** Resolves to the exit code. */
export async function runPipeline(settings: RunSettings, operands: string[]): Promise<number> {
  const plan = await planPipeline(pipelineText(settings.file, operands));
  const stages = await makeStages(plan, settings);
  const sink = stages.at(-1) as SinkStage;
  const start = await fuseStart(stages);
  if (!start) {
    const source = stages[0] as SourceStage;
    return finish(
      source.read,
      chainAll(withReport(source.core, source.name), stages.slice(1, -1)),
      sink,
      stages,
    );
  }
  try {
    const rest = stages.slice(start.stages);
    return await finish(start.read, chainAll(withReport(start.core, start.name), rest.slice(0, -1)), sink, [
      ...start.covers,
      ...rest,
    ]);
  } finally {
    await start.close();
  }
}

export async function explainPipeline(settings: ExplainSettings, operands: string[]): Promise<number> {
  const plan = await planPipeline(pipelineText(settings.file, operands));
  const start = await fuseStart(await makeStages(plan, settings));
  process.stdout.write(explain(plan, start, settings.json));
  return exitCodes.ok.code;
}

async function finish<Input>(
  read: (stop: AbortSignal) => AsyncIterator<Input, Envelope>,
  core: Core<Input>,
  sink: SinkStage,
  stages: readonly Pick<Stage, 'name' | 'closing'>[],
): Promise<number> {
  const { exitCode } = await runJob(read, core, await sink.open(), stages);
  return exitCode;
}

function chainAll<Input>(first: Core<Input>, filters: readonly Stage[]): Core<Input> {
  return filters.reduce(
    (core, filter) => (filter.role === 'filter' ? chain(core, withReport(filter.core, filter.name)) : core),
    first,
  );
}

type ExecutorOptions = Pick<RunSettings, 'workers' | 'taskTimeout'>;

/**
 * What is said of the whole pipeline holds for each stage that has work for workers and does not say otherwise. The main
 * thread is one of those that are said.
 */
async function makeStages(
  plan: Plan,
  { workers = availableParallelism(), taskTimeout }: ExecutorOptions,
): Promise<Stage[]> {
  const stages: Stage[] = [];
  for (const { command, invocation, words } of plan.stages) {
    try {
      const own = invocation.settings;
      const shared = 'workers' in command.options && {
        workers: own['workers'] ?? Math.max(0, workers - 1),
        taskTimeout: own['taskTimeout'] ?? taskTimeout,
      };
      stages.push(await command.make({ ...own, ...shared }, invocation.operands));
    } catch (error) {
      if (!(error instanceof SluiceError) || error.exit !== 'usage') throw error;
      throw textError(
        `${command.name}: ${error.message}`,
        plan.text,
        culprit(words, error.message),
        error.hint,
      );
    }
  }
  return stages;
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
    throw new SluiceError('noInput', `${file}: ${messageOf(error)}`, undefined, error);
  }
}
