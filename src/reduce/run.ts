import { RejectPolicy } from '../stage/rejects.ts';
import { runFilter } from '../stage/run-stage.ts';
import type { ReduceSettings } from './command.ts';
import { planFrom } from './plan.ts';
import { ReduceCore } from './reduce.ts';

export function runReduce(settings: ReduceSettings, operands: string[]): Promise<number> {
  const plan = planFrom(settings, operands);
  const rejects = new RejectPolicy('reduce', settings);
  return runFilter(
    'reduce',
    new ReduceCore(plan, { partial: settings.partial, partSize: settings.partSize, rejects }),
    rejects,
  );
}
