import type { FilterStage } from '../stage/stage.ts';
import { BatchCore } from './batch.ts';
import type { BatchSettings } from './command.ts';
import { policyFrom } from './policy.ts';

export function batchStage(settings: BatchSettings, [interval]: string[]): FilterStage {
  const policy = policyFrom(settings, interval);
  const startedAt = Date.now();
  // Loaded on need: most streams are of no job that keeps state.
  const core = new BatchCore(policy, settings.partSize, startedAt, async (job) => {
    const [{ openBatchLog }, { JobBatches }] = await Promise.all([
      import('../state/batch-log.ts'),
      import('./job-batches.ts'),
    ]);
    return new JobBatches(openBatchLog(job), job, settings.checkpoint, startedAt);
  });
  return { name: 'batch', role: 'filter', core, isOneBatch: policy.by === 'end' };
}
