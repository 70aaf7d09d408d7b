import { RejectPolicy } from '../stage/rejects.ts';
import type { FilterStage, Reduction } from '../stage/stage.ts';
import type { ReduceSettings } from './command.ts';
import { kernelFieldsOf } from './kernel-fields.ts';
import { planFrom, type ReducePlan } from './plan.ts';
import { ReduceCore } from './reduce.ts';

export function reduceStage(settings: ReduceSettings, operands: string[]): FilterStage {
  const plan = planFrom(settings, operands);
  const rejects = new RejectPolicy('reduce', settings);
  const { partial, partSize } = settings;
  const caveats = new Set<string>();
  const core = new ReduceCore(plan, { partial, partSize, rejects, caveats });
  return {
    name: 'reduce',
    role: 'filter',
    core,
    closing() {
      const { warnings, isAboveLimit } = rejects.closing();
      return { warnings: [...warnings, ...Array.from(caveats, (message) => ({ message }))], isAboveLimit };
    },
    ...(plan && reductionOf(plan, { partSize, caveats })),
  };
}

function reductionOf(plan: ReducePlan, rows: Reduction['rows']): Pick<FilterStage, 'reduction'> {
  if (plan.takes === 'words') return { reduction: { plan, rows } };
  const fields = kernelFieldsOf(plan);
  return fields ? { reduction: { plan, rows, fields } } : {};
}
