// What a database has to be able to do for rows to go to one of its tables. There are two: SQLite and PostgreSQL.
import type { Json } from '../../../envelope/json.ts';
import type { Column, Dialect } from '../../columns.ts';
import type { Rows } from '../../rows.ts';

export type Table = {
  readonly columns: readonly Column[];
  /** Columns that the database computes itself. */
  readonly generated: readonly string[];
  /** Of which columns a row can be there once only: primary keys and unique indexes. */
  readonly uniques: readonly (readonly string[])[];
};

export type Mode = 'append' | 'upsert' | 'replace';

/** A connection to the database, for one of its tables. All of it throws SluiceError. */
export interface Database {
  readonly dialect: Dialect;
  /** As a user knows the database and its table, for messages. */
  readonly name: string;
  readonly tableName: string;
  /** The same in SQL. */
  readonly quotedTable: string;
  /** Undefined where it is not there. */
  describe(): Promise<Table | undefined>;
  /** From here on rows belong to a job; resolves to the batch up to which they are in the table. */
  beginJob(job: string): Promise<number | undefined>;
  /** The transaction that what follows is part of; nothing where one is open. */
  begin(): Promise<void>;
  readonly isInTransaction: boolean;
  create(columns: readonly Column[], key: readonly string[]): Promise<void>;
  clear(): Promise<void>;
  /** `values` are those of all rows, one behind the other. With a key, rows of that are replaced. */
  insert(columns: readonly Column[], key: readonly string[], values: Json[]): Promise<void>;
  /** Rows whose members are just these columns, as many as it can without parsing them, behind `window`; returns the rest. */
  insertRows?(
    columns: readonly Column[],
    key: readonly string[],
    window: readonly string[],
    rows: Rows,
  ): Promise<Rows>;
  /** In the transaction: the job has its batches up to this one in the table. */
  noteBatch(job: string, batch: number): Promise<void>;
  commit(): Promise<void>;
  /** What is not committed is gone. */
  close(): Promise<void>;
}

/** Which batches of which jobs are in which tables. */
export const batchesTable = '_sluice';
/** Why no table for rows can be called so. */
export const keptForBatches = 'which batches are in which tables stands in that one';

/** A name in SQL, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Names in SQL, in a row. */
export function quotedList(names: readonly string[]): string {
  return names.map(quoted).join(', ');
}

/** What an INSERT does about a row whose key is there. */
export function onConflict(columns: readonly Column[], key: readonly string[]): string {
  if (key.length === 0) return '';
  const others = columns.filter(({ name }) => !key.includes(name));
  const updates = others.map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
  const action = updates.length > 0 ? `DO UPDATE SET ${updates.join(', ')}` : 'DO NOTHING';
  return ` ON CONFLICT (${quotedList(key)}) ${action}`;
}
