// The options of whatever has work for worker threads.
import type { OptionTable, Settings } from '../command/command.ts';
import type { ExecutorSettings } from './executor.ts';

export const executorOptions = {
  workers: { kind: 'limit', describe: 'worker threads; 0 does all work in one' },
  // No default of its own: what is said to `run` would never be heard.
  'task-timeout': {
    kind: 'duration',
    describe: 'a piece of work that takes longer is given to another worker, once (default: 1m)',
  },
} as const satisfies OptionTable;

const oneMinute = 60_000;

/** With `workers` threads where nothing else was said. */
export function executorSettings(
  { workers, taskTimeout }: Settings<typeof executorOptions>,
  usual: number,
): ExecutorSettings {
  return { workers: workers ?? usual, taskTimeout: taskTimeout ?? oneMinute };
}
