// What workers can do. A task is a pure function of its input, so that one that was lost with its worker can be
// done again; input and result cross the thread boundary as plain data and transferred buffers.
import { scanRanges } from '../scan/scan-ranges.ts';

export const tasks = { scanRanges };

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
