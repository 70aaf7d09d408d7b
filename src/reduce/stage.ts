import { availableParallelism } from 'node:os';
import { SluiceError } from '../errors.ts';
import { Executor, type ExecutorSettings } from '../executor/executor.ts';
import { executorSettings } from '../executor/options.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import type { Closing, FilterStage, Reduction } from '../stage/stage.ts';
import { shapeOf } from '../state/shape.ts';
import type { ReduceSettings } from './command.ts';
import type { AggregateColumn } from './expression.ts';
import { kernelFieldsOf, type KernelFields } from './kernel-fields.ts';
import { outputModeFrom, type OutputMode } from './output-mode.ts';
import { ParallelReduce } from './parallel.ts';
import { PartitionedReduce } from './partitions/partitioned.ts';
import { partitioningFrom } from './partitions/settings.ts';
import { planFrom, type ReducePlan } from './plan.ts';
import { ReduceCore } from './reduce.ts';
import type { Running } from './running-keeper.ts';

export async function reduceStage(settings: ReduceSettings, operands: string[]): Promise<FilterStage> {
  const mode = outputModeFrom(settings);
  const fold = await foldFrom(settings);
  const plan = planFrom(settings, operands, fold);
  const rejects = new RejectPolicy('reduce', settings);
  const running = await runningFrom(settings, plan);
  const { partial, partSize, maxKeys } = settings;
  const caveats = new Set<string>();
  const core = new ReduceCore(plan, { partial, partSize, rejects, caveats, mode, running, fold, maxKeys });
  const fields = plan && kernelFieldsOf(plan);
  const executor = executorSettings(settings, usualWorkers());
  // Sums are gathered as for workers also where there are none: fractions are added up in the same order then.
  const isParallel =
    mode === 'append' && (fields !== undefined || (plan?.takes === 'words' && executor.workers > 0));
  const partitioning = partitioningFrom(settings, plan, fields !== undefined);
  const isPartitioned = plan && partitioning && mode === 'append';
  return {
    name: 'reduce',
    role: 'filter',
    shape: shapeFor(settings, operands, mode),
    core: isPartitioned
      ? new PartitionedReduce(core, {
          ...partitioning,
          plan,
          source: {
            by: settings.by,
            expressions: operands,
            fold: settings.fold,
            taskTimeout: settings.taskTimeout,
          },
          executor: new Executor(whileWaiting(executorSettings(settings, availableParallelism() - 1))),
          rejects,
        })
      : isParallel
        ? new ParallelReduce(core, { executor: new Executor(executor), rejects, fields })
        : core,
    closing() {
      const closing = withOverflow(rejects.closing(), core.overflowed, settings);
      const said = Array.from(caveats, (message) => ({ message }));
      return { ...closing, warnings: [...closing.warnings, ...said] };
    },
    ...(plan &&
      mode === 'append' &&
      reductionOf(plan, fields, { rows: { partSize, caveats }, executor, stops: rejects.stops })),
  };
}

function shapeFor(
  { by, words, running, partial, fold, ttl, maxKeys }: ReduceSettings,
  operands: string[],
  mode: OutputMode,
): string {
  const kept = { words, running, mode, partial, fold, ttl: ttl !== undefined, 'max-keys': maxKeys };
  return shapeOf(operands, { by, ...kept });
}

async function foldFrom({ fold }: ReduceSettings): Promise<AggregateColumn | undefined> {
  if (fold === undefined) return undefined;
  const { loadFold } = await import('./user-fold.ts');
  return loadFold(fold);
}

async function runningFrom(
  { running, ttl, initial }: ReduceSettings,
  plan: ReducePlan | undefined,
): Promise<Running | undefined> {
  if (!running) return undefined;
  if (initial === undefined) return { ttl, initial: [] };
  if (!plan)
    throw new SluiceError(
      'usage',
      '--initial needs to know what is computed',
      'give aggregates and keys: sluice reduce count --by user --running --initial FILE',
    );
  const { readInitial } = await import('./initial.ts');
  return { ttl, initial: readInitial(initial, plan) };
}

/**
 * On two processors the stages of a pipe keep both busy, and handing work over costs a tenth of all their time: that
 * loses. With four, reduce is the slowest stage, and one worker makes it as fast as ingest.
 */
function usualWorkers(): number {
  return availableParallelism() < 4 ? 0 : 1;
}

/** The main thread waits for partitions: one more worker takes its place. */
function whileWaiting({ workers, taskTimeout }: ExecutorSettings): ExecutorSettings {
  return { workers: workers === 0 ? 0 : workers + 1, taskTimeout };
}

/** With a bound, which keys are kept depends on the order of the stream, and ranges of files are read in any order. */
function reductionOf(
  plan: ReducePlan,
  fields: KernelFields | undefined,
  settings: Pick<Reduction, 'rows' | 'executor' | 'stops'>,
): Pick<FilterStage, 'reduction'> {
  if (plan.maxKeys !== undefined) return {};
  if (plan.takes !== 'words' && !fields) return {};
  return { reduction: { plan, ...settings, ...(fields && { fields }) } };
}

function withOverflow(closing: Closing, overflowed: number, { maxKeys, running }: ReduceSettings): Closing {
  if (overflowed === 0 || maxKeys === undefined) return closing;
  const message = `more keys than ${maxKeys} ${running ? 'since the start' : 'in a batch or window'}; words or records under _other: ${overflowed}`;
  const hint = 'keep more keys apart with a higher --max-keys';
  return { ...closing, warnings: [...closing.warnings, { message, hint }] };
}
