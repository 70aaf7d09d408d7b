// `sluice run` and `sluice explain`: a plan carried out in this process, or shown.
import { readFileSync } from 'node:fs';
import { messageOf, SluiceError } from '../errors.ts';
import { chain, type Core } from '../stage/core.ts';
import { withReport } from '../stage/reporting.ts';
import { runJob } from '../stage/run-job.ts';
import type { FilterStage, SinkStage, SourceStage, Stage } from '../stage/stage.ts';
import type { ExplainSettings, RunSettings } from './command.ts';
import { explain } from './explain.ts';
import { culprit, planPipeline, type Plan } from './plan.ts';
import { textError } from './pipeline-text.ts';

/** Resolves to the exit code. */
export async function runPipeline(settings: RunSettings, operands: string[]): Promise<number> {
  const plan = await planPipeline(pipelineText(settings.file, operands));
  const stages = await makeStages(plan);
  const [source, ...rest] = stages as [SourceStage, ...FilterStage[], SinkStage];
  const sink = rest.pop() as SinkStage;
  let core: Core<never> = withReport(source.core as Core<never>, source.name);
  for (const filter of rest as FilterStage[]) core = chain(core, withReport(filter.core, filter.name));
  const { exitCode } = await runJob(source.read, core as SourceStage['core'], await sink.open(), stages);
  return exitCode;
}

export async function explainPipeline(settings: ExplainSettings, operands: string[]): Promise<number> {
  const plan = await planPipeline(pipelineText(settings.file, operands));
  process.stdout.write(explain(plan, settings.json));
  return 0;
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
