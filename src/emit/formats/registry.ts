// Every way to write rows. Order = order in the man page. Loaded when used: only the table measures text.
import type { RowFormatKind } from './format.ts';

export const rowFormats = {
  table: async (): Promise<RowFormatKind> => (await import('./table.ts')).tableFormat,
  ndjson: async (): Promise<RowFormatKind> => (await import('./ndjson.ts')).ndjsonFormat,
  csv: async (): Promise<RowFormatKind> => (await import('./delimited.ts')).csvFormat,
  tsv: async (): Promise<RowFormatKind> => (await import('./delimited.ts')).tsvFormat,
} as const;
