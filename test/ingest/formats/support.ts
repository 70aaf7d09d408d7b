// Lines through a format, and what became of each.
import type { Json } from '../../../src/envelope/json.ts';
import { formatFrom, type FormatOptions } from '../../../src/ingest/formats/registry.ts';
import type { Rejects } from '../../../src/stage/rejects.ts';

export type Outcome = {
  readonly records: unknown[];
  /** `LINE: REASON`, lines counted from 1. */
  readonly rejected: string[];
  readonly lines: number;
  /** The records as they are written. */
  readonly payload: string;
};

export function readLines(options: FormatOptions | string, text: string | Buffer): Outcome {
  const rejected: string[] = [];
  const rejects: Rejects = {
    reject: (_record: Json, place, reason) => rejected.push(`${place}: ${reason}`),
    takeCount: () => 0,
  };
  const format = formatFrom(typeof options === 'string' ? { format: options } : options, rejects);
  const pieces = Array.from(format.encode(Buffer.from(text), (line) => `${1 + line}`, true));
  const payload = pieces
    .filter(({ count }) => count > 0)
    .map((piece) => piece.payload.toString())
    .join(',');
  const records = JSON.parse(`[${payload}]`) as unknown[];
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
  if (count !== records.length) throw new Error(`${count} records are told, ${records.length} are there`);
  return { records, rejected, lines: pieces.reduce((sum, { lines }) => sum + lines, 0), payload };
}

/** The record of one line. */
export function readLine(options: FormatOptions | string, line: string): unknown {
  const { records, rejected } = readLines(options, `${line}\n`);
  if (rejected.length > 0) throw new Error(rejected.join('\n'));
  return records[0];
}
