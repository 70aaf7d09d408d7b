// Hot path, in workers. Counts words, or adds up fields, in a range of a file, straight from its bytes.
import { closeSync, openSync, readSync } from 'node:fs';
import { LineCutter } from '../ingest/lines.ts';
import type { Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import { addFields, newTable, type KernelFields } from '../reduce/kernel-fields.ts';
import { ListedStates, type Exported } from '../reduce/listed-states.ts';
import type { FileRange } from './ranges.ts';

export type ScanRange = {
  readonly range: FileRange;
  readonly maxRecord: number;
  /** What is added up; words are counted without. */
  readonly fields?: KernelFields;
};

export type ScannedRange = {
  /** For `absorb`; undefined where a record was found that only the stages can judge. */
  readonly exported: Exported | undefined;
  readonly bytes: number;
  /** Lines longer than `maxRecord`. */
  readonly cut: number;
};

/** Small enough to stay in a core's cache between reading and counting. */
const chunkSize = 256 * 1024;

/** The lines that begin in the range. Throws the system's error where the file cannot be read. */
export function scanRange({ range, maxRecord, fields }: ScanRange): ScannedRange {
  const file = openSync(range.path, 'r');
  const table = fields ? newTable(fields) : processKernel().createTable();
  const listed = new ListedStates(fields?.listed ?? []);
  const cutter = new LineCutter(maxRecord);
  try {
    const start = range.start === 0 ? 0 : lineStart(file, range.start);
    const end = lineStart(file, range.end);
    const isPlain = addRegions(regionsOf(file, start, end, cutter), table, listed, fields);
    const exported = isPlain ? { table: table.export(), listed: listed.byKey(table) } : undefined;
    return { exported, bytes: Math.max(0, end - start), cut: cutter.cut };
  } finally {
    table.free();
    closeSync(file);
  }
}

function addRegions(
  regions: Iterable<Buffer>,
  table: Table,
  listed: ListedStates,
  fields: KernelFields | undefined,
): boolean {
  for (const region of regions) {
    if (!fields) table.countWords(region);
    else if (!addFields(table, listed, fields, region, 'lines')) return false;
  }
  return true;
}

function* regionsOf(file: number, start: number, end: number, cutter: LineCutter): Generator<Buffer> {
  // Not read into the kernel's own memory, which moves when a table grows; copying costs next to nothing.
  const chunk = Buffer.allocUnsafeSlow(chunkSize);
  for (let at = start; at < end;) {
    const length = readSync(file, chunk, 0, Math.min(chunkSize, end - at), at);
    if (length === 0) break;
    at += length;
    yield* cutter.push(chunk.subarray(0, length));
  }
  yield* cutter.finish();
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
