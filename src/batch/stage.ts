import type { FilterStage } from '../stage/stage.ts';
import { BatchCore } from './batch.ts';
import type { BatchSettings } from './command.ts';
import { policyFrom } from './policy.ts';

export function batchStage(settings: BatchSettings, [interval]: string[]): FilterStage {
  const policy = policyFrom(settings, interval);
  const core = new BatchCore(policy, settings.partSize, Date.now());
  return { name: 'batch', role: 'filter', core, isOneBatch: policy.by === 'end' };
}
