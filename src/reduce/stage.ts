import { RejectPolicy } from '../stage/rejects.ts';
import type { FilterStage } from '../stage/stage.ts';
import type { ReduceSettings } from './command.ts';
import { kernelFieldsOf } from './kernel-fields.ts';
import { planFrom, type ReducePlan } from './plan.ts';
import { ReduceCore } from './reduce.ts';

export function reduceStage(settings: ReduceSettings, operands: string[]): FilterStage {
  const plan = planFrom(settings, operands);
  const rejects = new RejectPolicy('reduce', settings);
  const core = new ReduceCore(plan, { partial: settings.partial, partSize: settings.partSize, rejects });
  return {
    name: 'reduce',
    role: 'filter',
    core,
    closing: () => rejects.closing(),
    ...(plan && reductionOf(plan, settings.partSize)),
  };
}

function reductionOf(plan: ReducePlan, partSize: number): Pick<FilterStage, 'reduction'> {
  if (plan.takes === 'words') return { reduction: { plan, partSize } };
  const fields = kernelFieldsOf(plan);
  return fields ? { reduction: { plan, partSize, fields } } : {};
}
