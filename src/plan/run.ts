// `sluice run` and `sluice explain`: a plan carried out in this process, or shown.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { ExecutorSettings } from '../executor/executor.ts';
import { exitCodes } from '../exit-codes.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { withReport } from '../stage/reporting.ts';
import { attributed, runJob } from '../stage/run-job.ts';
import type { SinkStage, SourceStage, Stage } from '../stage/stage.ts';
import type { ExplainSettings, RunSettings } from './command.ts';
import { explain } from './explain.ts';
import { fuseStart } from './fuse.ts';
import { culprit, planPipeline, type Plan } from './plan.ts';
import { textError } from './pipeline-text.ts';
import { chainAll, type Segment } from './segments.ts';

/** Resolves to the exit code. */
export async function runPipeline(settings: RunSettings, operands: string[]): Promise<number> {
  const plan = await planPipeline(pipelineText(settings.file, operands));
  const stages = await makeStages(plan);
  const start = await fuseStart(stages, executorSettings(settings));
  if (!start) {
    const source = stages[0] as SourceStage;
    return finish({ read: source.read, core: withReport(source.core, source.name) }, stages.slice(1), stages);
  }
  try {
    const rest = stages.slice(start.stages);
    return await finish({ read: start.read, core: withReport(start.core, start.name) }, rest, [
      ...start.covers,
      ...rest,
    ]);
  } finally {
    await start.close();
  }
}

export async function explainPipeline(settings: ExplainSettings, operands: string[]): Promise<number> {
  const plan = await planPipeline(pipelineText(settings.file, operands));
  const start = await fuseStart(await makeStages(plan), executorSettings(settings));
  process.stdout.write(explain(plan, start, settings.json));
  return exitCodes.ok.code;
}

/** `start` and the stages behind it, the last of them a sink. `all` have a say at the end. */
async function finish<Input>(
  start: Segment<Input>,
  rest: readonly Stage[],
  all: readonly Pick<Stage, 'name' | 'closing'>[],
): Promise<number> {
  const sink = rest.at(-1) as SinkStage;
  const failures: unknown[] = [];
  const first: Segment<Input> = { ...start, read: (stop) => attributed(start.read(stop), all[0]?.name) };
  const { read, core } = chainAll(first, rest, (failure) => failures.push(failure));
  const { exitCode } = await runJob(read, core, await sink.open(), all);
  if (failures.length > 0) throw failures[0];
  return exitCode;
}

function executorSettings({
  workers,
  taskTimeout,
}: Pick<RunSettings, 'workers' | 'taskTimeout'>): ExecutorSettings {
  return { workers: workers ?? availableParallelism(), taskTimeout };
}

async function makeStages(plan: Plan): Promise<Stage[]> {
  const stages: Stage[] = [];
  for (const { command, invocation, words } of plan.stages) {
    try {
      stages.push(await command.make(invocation.settings, invocation.operands));
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
