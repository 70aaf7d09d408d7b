// What each batch consists of, a line a batch, written before its last part leaves `batch`. After a restart the batches
// behind the checkpoint are made of just the same records again.
//
//   offsets/000124   {"positions":{"f1":{"offset":4096}},"crc32":"…"}
//                    {"batch":124,"records":10,"offsets":{"f1":{"from":{"offset":4096},"until":{"offset":5120}}},"crc32":"…"}
//
// A new file begins behind each checkpoint, with where all sources stood. Lines are brought to the disk by whoever commits,
// before a sink has anything of them: once for all batches of a commit.
import { cannotWrite } from '../errors.ts';
import { closeSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import type { Offsets, Position } from '../envelope/envelope.ts';
import { checkedLine, parseCheckedLine, sync, writeAll } from './checked.ts';
import { faultPoint } from './fault-points.ts';
import { numbered, numbersIn } from './folder.ts';

export type LoggedBatch = {
  readonly batch: number;
  readonly records: number;
  readonly from?: number;
  readonly to?: number;
  readonly offsets: Offsets;
  /** Where several sources were read in turns: which, and up to where each time. Else as `offsets` has them. */
  readonly order?: readonly (readonly [source: string, until: number])[];
  /** The stream ended behind it, for good. */
  readonly end?: boolean;
};

export type Positions = Readonly<Record<string, Position>>;

/** What the first line of a file says: where all sources stand, and up to when batches have come, in epoch milliseconds. */
export type LogStart = { readonly positions: Positions; readonly to?: number };

/** What the log says of the batches behind a checkpoint. */
export type OffsetsSince = {
  readonly start: LogStart;
  readonly batches: readonly LoggedBatch[];
  /** A file with a damaged line: what stands behind it is not known. */
  readonly damaged?: string;
};

/** `after` is the checkpoint, -1 for the beginning; undefined where the log does not go back so far. */
export function readOffsets(folder: string, after: number): OffsetsSince | undefined {
  const files = numbersIn(folder).filter((number) => number > after);
  if (files[0] !== after + 1) return undefined;
  let start: LogStart | undefined;
  const batches: LoggedBatch[] = [];
  for (const number of files) {
    const file = numbered(folder, number);
    const { lines, goodLength, length } = readLines(file);
    const [head, ...rest] = lines;
    if (!head) break;
    start ??= head as unknown as LogStart;
    batches.push(...(rest as unknown as LoggedBatch[]));
    // The last line of the newest file may be torn: its batch has gone nowhere yet.
    if (goodLength < length) return { start, batches, damaged: file };
  }
  return start && { start, batches };
}

/** The lines of a file up to the first that is damaged. */
function readLines(file: string): { lines: Record<string, unknown>[]; goodLength: number; length: number } {
  const bytes = readFileSync(file);
  const lines: Record<string, unknown>[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, at);
    const line = end === -1 ? undefined : parseCheckedLine(bytes.toString('utf8', at, end));
    if (!line) return { lines, goodLength: at, length: bytes.length };
    lines.push(line);
    at = end + 1;
  }
}

/** Writes the log. */
export class OffsetsLog {
  readonly #folder: string;
  #path = '';
  #file: number | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Goes on where the log ends; what a crash left half-written is dropped. */
  resume(after: number, start: LogStart): void {
    for (const newest of numbersIn(this.#folder).toReversed()) {
      if (newest <= after) break;
      const path = numbered(this.#folder, newest);
      const { lines, goodLength } = readLines(path);
      if (lines.length > 0) {
        return this.#attempt(path, () => {
          truncateSync(path, goodLength);
          this.#file = openSync(path, 'a');
        });
      }
      rmSync(path);
    }
    this.begin(after, start);
  }

  /** A new file, for the batches behind `after`. */
  begin(after: number, start: LogStart): void {
    this.close();
    this.#attempt(numbered(this.#folder, after + 1), (path) => {
      this.#file = openSync(path, 'w');
      writeAll(this.#file, Buffer.from(checkedLine(JSON.stringify(start))));
    });
  }

  append(batch: LoggedBatch): void {
    const line = Buffer.from(checkedLine(JSON.stringify(batch)));
    this.#attempt(this.#path, () => {
      const half = line.length >> 1;
      writeAll(this.#file as number, line.subarray(0, half));
      faultPoint('half-logged');
      writeAll(this.#file as number, line.subarray(half));
    });
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #attempt(path: string, work: (path: string) => void): void {
    this.#path = path;
    try {
      work(path);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
}

/** Brings what is logged to the disk. `known` are files that need not be looked at any more; it grows. */
export function syncOffsets(folder: string, known: Set<number>): void {
  const files = numbersIn(folder).filter((number) => !known.has(number));
  for (const number of files) sync(numbered(folder, number));
  if (files.length > 1 || known.size === 0) sync(folder);
  for (const number of files.slice(0, -1)) known.add(number);
}
