// Every way to write rows. Order = order in the man page. Loaded when used: a pipeline pays for what it imports.
import type { RowFormat } from './format.ts';

type RowFormatKind = {
  readonly summary: string;
  /** Of the names of files that are written so. */
  readonly endings: readonly string[];
  /** With `csvSafe` no cell is a formula to a spreadsheet. */
  readonly create: (csvSafe?: boolean) => Promise<RowFormat>;
};

export const rowFormats = {
  table: {
    summary: 'aligned columns under a heading, for people: long fractions are rounded to four places',
    endings: ['.txt'],
    create: async () => new (await import('./table.ts')).TableFormat(),
  },
  ndjson: {
    summary: 'a JSON value a line, each number as it was written',
    endings: ['.ndjson', '.jsonl'],
    create: async () => (await import('./ndjson.ts')).ndjsonFormat,
  },
  csv: {
    summary: 'comma-separated values (RFC 4180, lines end with `\\n`) under one heading for all rows',
    endings: ['.csv'],
    create: async (csvSafe?: boolean) => (await import('./delimited.ts')).csvFormat(csvSafe),
  },
  tsv: {
    summary:
      'tab-separated values under one heading; tab, newline and backslash in values are written `\\t`, `\\n`, `\\\\`',
    endings: ['.tsv'],
    create: async (csvSafe?: boolean) => (await import('./delimited.ts')).tsvFormat(csvSafe),
  },
} as const satisfies Record<string, RowFormatKind>;

export type RowFormatName = keyof typeof rowFormats;
export const rowFormatNames = Object.keys(rowFormats) as RowFormatName[];

/** Rows as columns of bytes, in files alone. */
export const parquet = 'parquet';
/** Rows as one list, in requests alone. */
export const jsonList = 'json';
