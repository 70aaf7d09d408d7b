// Files given out in ranges that can be read on their own. A line belongs to the range that its first byte lies in.
import type { PlainFile } from '../stage/stage.ts';

export type FileRange = { readonly path: string; readonly start: number; readonly end: number };

export class RangeQueue {
  readonly #files: readonly PlainFile[];
  #file = 0;
  #position = 0;
  /** Bytes not given out yet. */
  left: number;

  constructor(files: readonly PlainFile[]) {
    this.#files = files;
    this.left = files.reduce((sum, { size }) => sum + size, 0);
  }

  /** The next `bytes` of what is left, or all of it; several ranges where files are small. */
  take(bytes: number): FileRange[] {
    const ranges: FileRange[] = [];
    let wanted = Math.min(bytes, this.left);
    this.left -= wanted;
    while (wanted > 0) {
      const { path, size } = this.#files[this.#file] as PlainFile;
      const start = this.#position;
      const end = Math.min(size, start + wanted);
      if (end > start) ranges.push({ path, start, end });
      wanted -= end - start;
      this.#position = end;
      if (end < size) continue;
      this.#file += 1;
      this.#position = 0;
    }
    return ranges;
  }
}
