import { runFilter } from '../stage/run-stage.ts';
import { BatchCore } from './batch.ts';
import type { BatchSettings } from './command.ts';
import { policyFrom } from './policy.ts';

export function runBatch(settings: BatchSettings, [interval]: string[]): Promise<number> {
  const policy = policyFrom(settings, interval);
  return runFilter('batch', new BatchCore(policy, settings.partSize, Date.now()));
}
