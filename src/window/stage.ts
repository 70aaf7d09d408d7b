import type { FilterStage } from '../stage/stage.ts';
import { shapeOf } from '../state/shape.ts';
import type { WindowSettings } from './command.ts';
import { planWindow } from './plan.ts';
import { WindowCore } from './window.ts';

/** What windows on event time take is loaded for them only. */
export async function windowStage(settings: WindowSettings, operands: string[]): Promise<FilterStage> {
  const plan = planWindow(settings, operands[0]);
  const shape = shapeFor(settings, operands);
  if (plan.by === 'time' || plan.by === 'session')
    return { ...(await import('./event-time-stage.ts')).eventTimeStage(plan, settings), shape };
  const core =
    plan.by === 'batch'
      ? new WindowCore(plan.windowing)
      : new (await import('./count.ts')).CountCore(plan.windowing);
  return { name: 'window', role: 'filter', core, shape };
}

function shapeFor(
  { slide, offset, time, timeFormat, tz, session, records }: WindowSettings,
  operands: string[],
): string {
  const kept = { slide, time, 'time-format': timeFormat, session, records };
  return shapeOf(operands, { ...kept, ...(offset > 0 && { offset }), ...(tz !== 'UTC' && { tz }) });
}
