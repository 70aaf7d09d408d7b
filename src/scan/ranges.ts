// Files cut into ranges that workers can read on their own. A line belongs to the range that its first byte lies in.

import type { PlainFile } from '../stage/stage.ts';

export type FileRange = { readonly path: string; readonly start: number; readonly end: number };

const smallest = 4 * 1024 * 1024;
const largest = 64 * 1024 * 1024;

/** Ranges of about the same size, a few for each worker so that none waits long for the last. */
export function rangesOf(files: readonly PlainFile[], workers: number): FileRange[] {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const size = Math.min(largest, Math.max(smallest, Math.ceil(total / (4 * Math.max(1, workers)))));
  return files.flatMap((file) => {
    const count = Math.ceil(file.size / size);
    return Array.from({ length: count }, (_, index) => ({
      path: file.path,
      start: index * size,
      end: Math.min(file.size, (index + 1) * size),
    }));
  });
}
