// How the lines of whole files come into tables: straight from their bytes, or as records of a format, of which no more is
// read than the tables look at.
import { SluiceError } from '../errors.ts';
import { listOf, parseTypes } from '../ingest/formats/field-types.ts';
import type { Format } from '../ingest/formats/format.ts';
import { formatFrom, isReadWhole, type FormatOptions } from '../ingest/formats/registry.ts';
import type { KernelFields } from '../reduce/kernel-fields.ts';
import { failOnReject, type Rejects } from '../stage/rejects.ts';

/** What takes in bytes. False where they are not plain: it is of no use then. */
export type ByteReader = {
  addLines(lines: Buffer): boolean;
  addPayload(payload: Buffer, count: number): boolean;
};

/** Takes in whole lines; `isAtStart` where the first is the first of its file. False where it cannot. */
export type AddLines = (lines: Buffer, isAtStart: boolean) => boolean;

/** What takes in lines, and how many of them were no records. */
export type LineReader = { readonly add: AddLines; readonly rejected: number };

/**
 * The format in which pieces of files are read for reductions of these fields, each undefined for words. Undefined where that
 * does not give what the stages would read.
 */
export function readingFor(
  options: FormatOptions,
  reductions: readonly (KernelFields | undefined)[],
): FormatOptions | undefined {
  const { format } = options;
  if (format === 'lines') return reductions.every((fields) => !fields?.json) ? options : undefined;
  const members = reductions.map((fields) => fields?.json);
  if (isReadWhole(format) || !members.every((json) => json !== undefined)) return undefined;
  if (format === 'json') return options;
  // A line is rejected for a number that is none, whoever looks at it.
  const numbers = [...parseTypes(options.types)].filter(([, type]) => type === 'number');
  const named = new Set(members.flatMap(({ groups, values }) => groups.concat(values)));
  const given = listOf(options.fields, '--fields');
  const wanted = [...named, ...numbers.map(([name]) => name)].filter((name) => given?.includes(name) ?? true);
  if (wanted.length === 0 || wanted.some((name) => name.includes(','))) return undefined;
  const reading = { ...options, fields: [...new Set(wanted)].join() };
  try {
    formatFrom(reading, failOnReject);
    return reading;
  } catch (error) {
    // A field that the format does not have is null in each row, which is for the stages to say.
    if (error instanceof SluiceError) return undefined;
    throw error;
  }
}

/** `skips`: lines that are no records are left out and counted; else it cannot take in what they are among. */
export function lineReader(
  tables: readonly ByteReader[],
  options: FormatOptions,
  skips: boolean,
): LineReader {
  if (options.format === 'lines' || options.format === 'json')
    return { add: (lines) => tables.every((table) => table.addLines(lines)), rejected: 0 };
  return new RecordReader(tables, options, skips);
}

class RecordReader implements LineReader {
  readonly #tables: readonly ByteReader[];
  readonly #format: Format;
  rejected = 0;

  constructor(tables: readonly ByteReader[], options: FormatOptions, skips: boolean) {
    this.#tables = tables;
    const counting: Rejects = { reject: () => void (this.rejected += 1), takeCount: () => 0 };
    this.#format = formatFrom(options, skips ? counting : failOnReject);
  }

  readonly add = (lines: Buffer, isAtStart: boolean): boolean => {
    try {
      for (const { payload, count } of this.#format.encode(lines, String, isAtStart))
        if (count > 0 && !this.#tables.every((table) => table.addPayload(payload, count))) return false;
      return true;
    } catch (error) {
      // A line that is rejected: what becomes of it is told by who knows its number.
      if (error instanceof SluiceError && error.exit === 'badData') return false;
      throw error;
    }
  };
}
