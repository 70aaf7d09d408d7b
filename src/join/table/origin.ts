// Where a table comes from: a file of rows, or a query of a database.
import { SluiceError } from '../../errors.ts';
import { isSqlite, sqliteScheme } from '../../emit/sinks/sqlite-scheme.ts';
import { fileOrigin } from './file.ts';

/** Rows as the inside of a JSON array, and how much of a file was read for them, in bytes. */
export type Rows = { readonly payload: Buffer; readonly count: number; readonly done?: number };

/** What a table is made of, as it is now. */
export type OriginState = {
  /** Another one for each change. */
  readonly text: string;
  /** Bytes, where that is known. */
  readonly size?: number;
  /** When it was written to, in epoch milliseconds; absent where it is whole at any time. */
  readonly writtenAt?: number;
};

export interface TableOrigin {
  /** How messages call it. */
  readonly name: string;
  /** False for what can be read once only. */
  readonly isLasting: boolean;
  /** Throws SluiceError where it is not there. */
  state(): Promise<OriginState>;
  /** Returns false where the last line has no end. */
  read(): AsyncGenerator<Rows, boolean>;
}

/** What the command line says of a table. */
export type OriginOptions = {
  readonly format?: string | undefined;
  readonly types?: string | undefined;
  readonly query?: string | undefined;
  readonly table?: string | undefined;
};

/** Checks that it can be read, and reads nothing but a schema. Throws SluiceError. */
export async function openOrigin(operand: string, options: OriginOptions): Promise<TableOrigin> {
  const isDatabase = operand.startsWith(sqliteScheme) || (isSqlite(operand) && options.format === undefined);
  refuseOthers(operand, isDatabase, options);
  // Loaded on need.
  if (isDatabase) return (await import('./sqlite.ts')).sqliteOrigin(operand, options);
  const [scheme] = /^[a-z][\w+.-]*:\/\//i.exec(operand) ?? [];
  if (scheme !== undefined)
    throw new SluiceError(
      'usage',
      `${operand} is no table`,
      'a table is a file (csv, tsv, ndjson) or a SQLite database: join sqlite:users.db --table users --on id',
    );
  if (operand === '-')
    throw new SluiceError('usage', "the table cannot be '-': standard input is the stream", 'name a file');
  return fileOrigin(operand, options);
}

/** Options that would change nothing. */
function refuseOthers(
  operand: string,
  isDatabase: boolean,
  { format, types, query, table }: OriginOptions,
): void {
  const others = isDatabase ? { format, types } : { query, table };
  const [given] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (given === undefined) return;
  throw new SluiceError(
    'usage',
    `--${given} does nothing with ${operand}`,
    isDatabase
      ? 'it is for files; the query of a database says what its columns are'
      : 'it is for databases: join sqlite:users.db',
  );
}
