// Files in pieces that threads take as they can, one after another, from memory that they share. Each piece is marked with
// who took it, so that pieces of a thread that was lost can be read once more.
import type { PlainFile } from '../stage/stage.ts';

/** A line belongs to the range that its first byte lies in. */
export type FileRange = { readonly path: string; readonly start: number; readonly end: number };

/** A few milliseconds to read: so long the last thread is waited for, and so long a signal waits. */
const usualSize = 1024 * 1024;

const takenAt = 0;
const closedAt = 1;
const ownersAt = 2;

export class PieceQueue {
  readonly #files: readonly PlainFile[];
  readonly #size: number;
  readonly #total: number;
  readonly #count: number;
  /** How many pieces are taken, whether others may take more, and who took each. */
  readonly #state: Int32Array<SharedArrayBuffer>;

  /** `shared` is that of another thread's queue of the same files. */
  constructor(files: readonly PlainFile[], shared?: SharedArrayBuffer, size: number = usualSize) {
    this.#files = files;
    this.#size = size;
    this.#total = files.reduce((sum, file) => sum + file.size, 0);
    this.#count = Math.ceil(this.#total / size);
    this.#state = new Int32Array(shared ?? new SharedArrayBuffer(4 * (ownersAt + this.#count)));
  }

  get shared(): SharedArrayBuffer {
    return this.#state.buffer;
  }

  /** Bytes that nobody has taken. */
  get left(): number {
    return Math.max(0, this.#total - Atomics.load(this.#state, takenAt) * this.#size);
  }

  get isOpen(): boolean {
    return Atomics.load(this.#state, closedAt) === 0;
  }

  /** Whether others may take pieces. */
  set isOpen(isOpen: boolean) {
    Atomics.store(this.#state, closedAt, isOpen ? 0 : 1);
  }

  /** The next piece, or undefined where all are taken. `owner` is a number from 1. */
  take(owner: number): FileRange[] | undefined {
    const index = Atomics.add(this.#state, takenAt, 1);
    if (index >= this.#count) return undefined;
    Atomics.store(this.#state, ownersAt + index, owner);
    return this.#ranges(index);
  }

  /** A piece that was taken by none of `owners`, and is `owner`'s now. */
  retake(owners: ReadonlySet<number>, owner: number): FileRange[] | undefined {
    for (let index = 0; index < this.#count; index += 1) {
      if (owners.has(Atomics.load(this.#state, ownersAt + index))) continue;
      Atomics.store(this.#state, ownersAt + index, owner);
      return this.#ranges(index);
    }
    return undefined;
  }

  /** Several where files are small. */
  #ranges(index: number): FileRange[] {
    const ranges: FileRange[] = [];
    let start = index * this.#size;
    let end = Math.min(start + this.#size, this.#total);
    for (const { path, size } of this.#files) {
      if (start < size && end > 0) ranges.push({ path, start: Math.max(0, start), end: Math.min(size, end) });
      start -= size;
      end -= size;
      if (end <= 0) break;
    }
    return ranges;
  }
}
