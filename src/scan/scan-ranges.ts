// Hot path, in workers and beside them. The lines in ranges of files, straight from their bytes into a table.
import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf, SluiceError, systemCode } from '../errors.ts';
import { LineCutter, withoutMark } from '../ingest/lines.ts';
import type { KernelFields } from '../reduce/kernel-fields.ts';
import type { Exported } from '../reduce/listed-states.ts';
import { TaskTable } from '../reduce/task-table.ts';
import type { FileRange } from './ranges.ts';

export type ScanRanges = {
  readonly ranges: readonly FileRange[];
  readonly maxRecord: number;
  readonly reductions: readonly ScanReduction[];
};

/** The fields that are added up; words are counted without. */
type ScanReduction = { readonly fields?: KernelFields };

/** What was read. */
export type Scanned = {
  readonly bytes: number;
  /** Lines longer than `maxRecord`. */
  readonly cut: number;
  /** False where a record was found that only the stages can judge; the rest is not read then. */
  readonly isPlain: boolean;
};

/** For each reduction what `absorb` takes. An error would lose its kind between threads: `failure` is what it says. */
export type ScannedRanges =
  | (Scanned & { readonly exported: readonly Exported[] })
  | { readonly failure: string };

/** Takes in whole lines. False where it cannot: the table is of no use then. */
export type AddLines = (lines: Buffer) => boolean;

/** Small enough to stay in a core's cache between reading and counting. */
const chunkSize = 256 * 1024;

/** A task: all lines that begin in the ranges, in tables of their own. */
export function scanRanges({ ranges, maxRecord, reductions }: ScanRanges): ScannedRanges {
  const tables = reductions.map(({ fields }) => new TaskTable(fields));
  try {
    const scanned = readRanges(ranges, maxRecord, (lines) => tables.every((table) => table.addLines(lines)));
    return { ...scanned, exported: tables.map((table) => table.export()) };
  } catch (error) {
    if (error instanceof SluiceError) return { failure: error.message };
    throw error;
  } finally {
    for (const table of tables) table.free();
  }
}

/** Throws SluiceError('inputOutput') where a file cannot be read. */
export function readRanges(ranges: readonly FileRange[], maxRecord: number, add: AddLines): Scanned {
  const cutter = new LineCutter(maxRecord);
  let bytes = 0;
  for (const range of ranges) {
    let isFirst = range.start === 0;
    try {
      for (const lines of linesIn(range, cutter)) {
        if (!add(isFirst ? withoutMark(lines) : lines)) return { bytes, cut: cutter.cut, isPlain: false };
        isFirst = false;
      }
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      throw new SluiceError(
        'inputOutput',
        `cannot read ${range.path}: ${messageOf(error)}`,
        undefined,
        error,
      );
    }
    bytes += range.end - range.start;
  }
  return { bytes, cut: cutter.cut, isPlain: true };
}

function* linesIn(range: FileRange, cutter: LineCutter): Generator<Buffer> {
  const file = openSync(range.path, 'r');
  try {
    const start = range.start === 0 ? 0 : lineStart(file, range.start);
    const end = lineStart(file, range.end);
    // Not read into the kernel's own memory, which moves when a table grows; copying costs next to nothing.
    const chunk = Buffer.allocUnsafeSlow(Math.min(chunkSize, Math.max(0, end - start)));
    for (let at = start; at < end;) {
      const length = readSync(file, chunk, 0, Math.min(chunkSize, end - at), at);
      if (length === 0) break;
      at += length;
      yield* cutter.push(chunk.subarray(0, length));
    }
    yield* cutter.finish();
  } finally {
    closeSync(file);
  }
}

/** Where the first line begins at `at` or behind it; the size of the file where none does. */
function lineStart(file: number, at: number): number {
  const chunk = Buffer.allocUnsafe(16 * 1024);
  for (let from = at - 1; ; from += chunk.length) {
    const length = readSync(file, chunk, 0, chunk.length, from);
    const newline = chunk.subarray(0, length).indexOf(0x0a);
    if (newline !== -1) return from + newline + 1;
    if (length < chunk.length) return from + length;
  }
}
