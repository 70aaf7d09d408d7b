import { SluiceError } from '../errors.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import type { FilterStage, Reduction } from '../stage/stage.ts';
import type { ReduceSettings } from './command.ts';
import type { AggregateColumn } from './expression.ts';
import { kernelFieldsOf } from './kernel-fields.ts';
import { outputModeFrom } from './output-mode.ts';
import { planFrom, type ReducePlan } from './plan.ts';
import { ReduceCore } from './reduce.ts';
import type { Running } from './running-keeper.ts';

export async function reduceStage(settings: ReduceSettings, operands: string[]): Promise<FilterStage> {
  const mode = outputModeFrom(settings);
  const fold = await foldFrom(settings);
  const plan = planFrom(settings, operands, fold);
  const rejects = new RejectPolicy('reduce', settings);
  const running = await runningFrom(settings, plan);
  const { partial, partSize } = settings;
  const caveats = new Set<string>();
  const core = new ReduceCore(plan, { partial, partSize, rejects, caveats, mode, running, fold });
  return {
    name: 'reduce',
    role: 'filter',
    core,
    closing() {
      const { warnings, isAboveLimit } = rejects.closing();
      return { warnings: [...warnings, ...Array.from(caveats, (message) => ({ message }))], isAboveLimit };
    },
    ...(plan && mode === 'append' && reductionOf(plan, { partSize, caveats })),
  };
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

function reductionOf(plan: ReducePlan, rows: Reduction['rows']): Pick<FilterStage, 'reduction'> {
  if (plan.takes === 'words') return { reduction: { plan, rows } };
  const fields = kernelFieldsOf(plan);
  return fields ? { reduction: { plan, rows, fields } } : {};
}
