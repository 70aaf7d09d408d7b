// Hot path, in workers. Counts the words in a range of a file, straight from its bytes.
import { closeSync, openSync, readSync } from 'node:fs';
import { LineCutter } from '../ingest/lines.ts';
import { processKernel } from '../kernel/load.ts';
import type { FileRange } from './ranges.ts';

export type ScanWords = { readonly range: FileRange; readonly maxRecord: number };

export type ScannedWords = {
  /** An exported table, for `absorb`. */
  readonly table: ArrayBuffer;
  readonly bytes: number;
  /** Lines longer than `maxRecord`. */
  readonly cut: number;
};

/** Small enough to stay in a core's cache between reading and counting. */
const chunkSize = 256 * 1024;

/** The lines that begin in the range. Throws the system's error where the file cannot be read. */
export function scanWords({ range, maxRecord }: ScanWords): ScannedWords {
  const file = openSync(range.path, 'r');
  const table = processKernel().createTable();
  const cutter = new LineCutter(maxRecord);
  try {
    const start = range.start === 0 ? 0 : lineStart(file, range.start);
    const end = lineStart(file, range.end);
    // Not read into the kernel's own memory, which moves when a table grows; copying costs next to nothing.
    const chunk = Buffer.allocUnsafeSlow(chunkSize);
    for (let at = start; at < end;) {
      const length = readSync(file, chunk, 0, Math.min(chunkSize, end - at), at);
      if (length === 0) break;
      at += length;
      for (const region of cutter.push(chunk.subarray(0, length))) table.countWords(region);
    }
    for (const region of cutter.finish()) table.countWords(region);
    return { table: table.export(), bytes: Math.max(0, end - start), cut: cutter.cut };
  } finally {
    table.free();
    closeSync(file);
  }
}

/** Where the first line begins at `at` or behind it; the size of the file where none does. */
function lineStart(file: number, at: number): number {
  const chunk = Buffer.alloc(64 * 1024);
  for (let from = at - 1; ; from += chunk.length) {
    const length = readSync(file, chunk, 0, chunk.length, from);
    const newline = chunk.subarray(0, length).indexOf(0x0a);
    if (newline !== -1) return from + newline + 1;
    if (length < chunk.length) return from + length;
  }
}
