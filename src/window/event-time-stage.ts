import { RejectPolicy } from '../stage/rejects.ts';
import type { FilterStage } from '../stage/stage.ts';
import type { WindowSettings } from './command.ts';
import { EventTimeCore } from './event-time.ts';
import { LateRecords } from './late.ts';
import type { WindowPlan } from './plan.ts';
import { SessionCore } from './session.ts';

/** Throws SluiceError('usage') for a time format that does not exist. */
export function eventTimeStage(
  plan: WindowPlan & { readonly by: 'time' | 'session' },
  settings: WindowSettings,
): FilterStage {
  const { lateness, idleTimeout, maxSkew } = settings;
  const rejects = new RejectPolicy('window', settings);
  const late = new LateRecords(settings.late);
  const options = { time: plan.time, lateness, idleTimeout, maxSkew, late, rejects };
  return {
    name: 'window',
    role: 'filter',
    core:
      plan.by === 'time' ? new EventTimeCore(plan.windowing, options) : new SessionCore(plan.gap, options),
    closing: () => rejects.closing(late.warnings()),
  };
}
