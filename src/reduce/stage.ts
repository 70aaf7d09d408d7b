import { availableParallelism } from 'node:os';
import { Executor, type ExecutorSettings } from '../executor/executor.ts';
import { executorSettings } from '../executor/options.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import type { Closing, FilterStage } from '../stage/stage.ts';
import type { ReduceSettings } from './command.ts';
import { kernelFieldsOf } from './kernel-fields.ts';
import { ParallelReduce } from './parallel.ts';
import { planFrom, type ReducePlan } from './plan.ts';
import { ReduceCore } from './reduce.ts';

export function reduceStage(settings: ReduceSettings, operands: string[]): FilterStage {
  const plan = planFrom(settings, operands);
  const { partial, partSize, maxKeys } = settings;
  const rejects = new RejectPolicy('reduce', settings);
  const core = new ReduceCore(plan, { partial, partSize, maxKeys, rejects });
  const fields = plan && kernelFieldsOf(plan);
  const executor = executorSettings(settings, usualWorkers());
  // Sums are gathered as for workers also where there are none: fractions are added up in the same order then.
  const isParallel = fields !== undefined || (plan?.takes === 'words' && executor.workers > 0);
  return {
    name: 'reduce',
    role: 'filter',
    core: isParallel ? new ParallelReduce(core, { executor: new Executor(executor), rejects, fields }) : core,
    closing: () => withOverflow(rejects.closing(), core.overflowed, maxKeys),
    ...(plan && reductionOf(plan, partSize, executor)),
  };
}

/**
 * On two processors the stages of a pipe keep both busy, and handing work over costs a tenth of all their time: that
 * loses. With four, reduce is the slowest stage, and one worker makes it as fast as ingest.
 */
function usualWorkers(): number {
  return availableParallelism() < 4 ? 0 : 1;
}

/** With a bound, which keys are kept depends on the order of the stream, and ranges of files are read in any order. */
function reductionOf(
  plan: ReducePlan,
  partSize: number,
  executor: ExecutorSettings,
): Pick<FilterStage, 'reduction'> {
  if (plan.maxKeys !== undefined) return {};
  const fields = kernelFieldsOf(plan);
  if (plan.takes !== 'words' && !fields) return {};
  return { reduction: { plan, partSize, executor, ...(fields && { fields }) } };
}

function withOverflow(closing: Closing, overflowed: number, maxKeys: number | undefined): Closing {
  if (overflowed === 0 || maxKeys === undefined) return closing;
  const message = `more keys than ${maxKeys} in a batch or window; words or records under _other: ${overflowed}`;
  const hint = 'keep more keys apart with a higher --max-keys';
  return { ...closing, warnings: [...closing.warnings, { message, hint }] };
}
