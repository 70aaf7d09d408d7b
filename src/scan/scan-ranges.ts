// Hot path, in workers and beside them. The lines in ranges of files, straight from their bytes into a table.
import { closeSync, openSync, readSync } from 'node:fs';
import { monotonicTime } from '../clock.ts';
import { messageOf, SluiceError, systemCode } from '../errors.ts';
import { isMarkOnly, LineCutter, withoutMark } from '../ingest/lines.ts';
import type { FormatOptions } from '../ingest/formats/registry.ts';
import type { KernelFields } from '../reduce/kernel-fields.ts';
import type { Exported } from '../reduce/listed-states.ts';
import { TaskTable } from '../reduce/task-table.ts';
import type { PlainFile } from '../stage/stage.ts';
import { PieceQueue, type FileRange } from './ranges.ts';
import { lineReader, type AddLines, type LineReader } from './reading.ts';

export type ScanPieces = {
  readonly files: readonly PlainFile[];
  /** The memory of the queue of their pieces, and who this is there. */
  readonly shared: SharedArrayBuffer;
  readonly owner: number;
  /** Milliseconds after which no more pieces are taken. */
  readonly time: number;
  readonly maxRecord: number;
  readonly format: FormatOptions;
  /** Whether lines that are no records are left out. */
  readonly skips: boolean;
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
  /** Lines that are no records and were left out, and the pieces that they are in, each as its ranges. */
  readonly rejected: number;
  readonly faulty: readonly (readonly FileRange[])[];
};

/** For each reduction what `absorb` takes. An error would lose its kind between threads: `failure` is what it says. */
export type ScannedPieces =
  | (Scanned & { readonly owner: number; readonly exported: readonly Exported[] })
  | { readonly failure: string };

/** Small enough to stay in a core's cache between reading and counting. */
const chunkSize = 256 * 1024;
/** One for all ranges: new pages cost as much as reading into them. */
let chunk: Buffer | undefined;

/** To hand over a key takes as long as to read so many bytes. What is left then is read by whoever takes it in. */
const bytesPerKey = 40;

/** Whether a table of so many keys is worth more bytes of those that are left. */
export function isWorthReading(left: number, keys: number): boolean {
  return left > keys * bytesPerKey;
}

/** A task: pieces as long as there are some, in tables of their own. */
export function scanPieces({
  files,
  shared,
  owner,
  time,
  maxRecord,
  format,
  skips,
  reductions,
}: ScanPieces): ScannedPieces {
  const queue = new PieceQueue(files, shared);
  const tables = reductions.map(({ fields }) => new TaskTable(fields));
  const reader = lineReader(tables, format, skips);
  const end = monotonicTime() + time;
  let all: Scanned = { bytes: 0, cut: 0, isPlain: true, rejected: 0, faulty: [] };
  try {
    while (
      all.isPlain &&
      queue.isOpen &&
      monotonicTime() < end &&
      isWorthReading(queue.left, keysOf(tables))
    ) {
      const ranges = queue.take(owner);
      if (!ranges) break;
      all = together(all, scanPiece(ranges, maxRecord, reader));
    }
    return { ...all, owner, exported: all.isPlain ? tables.map((table) => table.export()) : [] };
  } catch (error) {
    if (error instanceof SluiceError) return { failure: error.message };
    throw error;
  } finally {
    for (const table of tables) table.free();
  }
}

export function keysOf(tables: readonly { readonly size: number }[]): number {
  return tables.reduce((sum, { size }) => sum + size, 0);
}

/** Throws SluiceError('inputOutput') where a file cannot be read. */
export function scanPiece(ranges: readonly FileRange[], maxRecord: number, reader: LineReader): Scanned {
  const before = reader.rejected;
  const read = readRanges(ranges, maxRecord, reader.add);
  const rejected = reader.rejected - before;
  return { ...read, rejected, faulty: rejected > 0 ? [ranges] : [] };
}

function together(one: Scanned, other: Scanned): Scanned {
  return {
    bytes: one.bytes + other.bytes,
    cut: one.cut + other.cut,
    isPlain: one.isPlain && other.isPlain,
    rejected: one.rejected + other.rejected,
    faulty: [...one.faulty, ...other.faulty],
  };
}

type ReadRanges = Pick<Scanned, 'bytes' | 'cut' | 'isPlain'>;

export function readRanges(ranges: readonly FileRange[], maxRecord: number, add: AddLines): ReadRanges {
  const cutter = new LineCutter(maxRecord);
  let bytes = 0;
  for (const range of ranges) {
    let isFirst = range.start === 0;
    try {
      for (const lines of linesIn(range, cutter)) {
        if (!add(isFirst ? withoutMark(lines) : lines, isFirst))
          return { bytes, cut: cutter.cut, isPlain: false };
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
    chunk ??= Buffer.allocUnsafeSlow(chunkSize);
    for (let at = start; at < end;) {
      const length = readSync(file, chunk, 0, Math.min(chunkSize, end - at), at);
      if (length === 0) break;
      at += length;
      yield* cutter.push(chunk.subarray(0, length));
    }
    for (const last of cutter.finish()) {
      const isWhole = start === 0 && end === last.length - 1;
      if (!isWhole || !isMarkOnly(last)) yield last;
    }
  } finally {
    closeSync(file);
  }
}

/** Where the first line begins at `at` or behind it; the size of the file where none does. */
function lineStart(file: number, at: number): number {
  const part = Buffer.allocUnsafe(16 * 1024);
  for (let from = at - 1; ; from += part.length) {
    const length = readSync(file, part, 0, part.length, from);
    const newline = part.subarray(0, length).indexOf(0x0a);
    if (newline !== -1) return from + newline + 1;
    if (length < part.length) return from + length;
  }
}
