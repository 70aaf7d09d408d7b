import type { FilterStage } from '../stage/stage.ts';
import type { WindowSettings } from './command.ts';
import { planWindow } from './plan.ts';
import { WindowCore } from './window.ts';

/** What windows on event time take is loaded for them only. */
export async function windowStage(settings: WindowSettings, [size]: string[]): Promise<FilterStage> {
  const plan = planWindow(settings, size);
  if (plan.by === 'time' || plan.by === 'session')
    return (await import('./event-time-stage.ts')).eventTimeStage(plan, settings);
  const core =
    plan.by === 'batch'
      ? new WindowCore(plan.windowing)
      : new (await import('./count.ts')).CountCore(plan.windowing);
  return { name: 'window', role: 'filter', core };
}
