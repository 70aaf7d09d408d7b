// Where the first line stands that is no record, once a scan has told in which pieces there are some: as the stages would say it.
import { closeSync, openSync, readSync } from 'node:fs';
import { formatFrom, type FormatOptions } from '../ingest/formats/registry.ts';
import type { PlainFile } from '../stage/stage.ts';
import type { FileRange } from './ranges.ts';
import { readRanges } from './scan-ranges.ts';

export type RejectedLine = { readonly line: string; readonly place: string; readonly reason: string };

/** `faulty` are pieces, each as its ranges. */
export function firstRejected(
  faulty: readonly (readonly FileRange[])[],
  files: readonly PlainFile[],
  format: FormatOptions,
  maxRecord: number,
): RejectedLine | undefined {
  const fileOf = ({ path }: FileRange): number => files.findIndex((file) => file.path === path);
  const ranges = faulty
    .flat()
    .toSorted((one, other) => fileOf(one) - fileOf(other) || one.start - other.start);
  for (const range of ranges) {
    const found = firstIn(range, format, maxRecord);
    if (found) return found;
  }
  return undefined;
}

function firstIn(range: FileRange, options: FormatOptions, maxRecord: number): RejectedLine | undefined {
  let found: { line: string; index: number; reason: string } | undefined;
  let lines = 0;
  const reject = (line: unknown, place: string, reason: string): void => {
    found ??= { line: String(line), index: Number(place), reason };
  };
  const format = formatFrom(options, { reject, takeCount: () => 0 });
  readRanges([range], maxRecord, (region, isAtStart) => {
    const first = lines;
    for (const encoded of format.encode(region, (line) => String(first + line), isAtStart))
      lines += encoded.lines;
    return found === undefined;
  });
  if (!found) return undefined;
  const { line, index, reason } = found;
  return { line, reason, place: `${range.path}, line ${linesBefore(range) + index + 1}` };
}

/** Of the file, in front of the first line that begins in the range. */
function linesBefore({ path, start }: FileRange): number {
  const file = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(256 * 1024);
  let lines = 0;
  try {
    for (let at = 0; at < start;) {
      const length = readSync(file, chunk, 0, Math.min(chunk.length, start - at), at);
      if (length === 0) break;
      const read = chunk.subarray(0, length);
      for (let end = read.indexOf(0x0a); end !== -1; end = read.indexOf(0x0a, end + 1)) lines += 1;
      at += length;
    }
    // The line that begins in front of the range and reaches into it is one more.
    const isCut = start > 0 && readSync(file, chunk, 0, 1, start - 1) === 1 && chunk[0] !== 0x0a;
    return isCut ? lines + 1 : lines;
  } finally {
    closeSync(file);
  }
}
