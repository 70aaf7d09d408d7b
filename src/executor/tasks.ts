// What workers can do. A task is a pure function of its input, so that one that was lost with its worker can be
// done again; input and result cross the thread boundary as plain data and transferred buffers. Pieces of a scan come
// from shared memory, and each try marks its own.
import { mapPart } from '../map/map-task.ts';
import { foldGroups } from '../reduce/fold-groups.ts';
import { foldParts } from '../reduce/fold-parts.ts';
import { scanPieces } from '../scan/scan-ranges.ts';

export const tasks = { foldGroups, foldParts, mapPart, scanPieces };

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
