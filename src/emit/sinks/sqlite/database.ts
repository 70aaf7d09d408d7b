// A SQLite database that rows are added to: one transaction at a time, which stays open until somebody commits it.
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { createRequire } from 'node:module';
import type { Json } from '../../../envelope/json.ts';
import type { Column } from '../../columns.ts';
import { tryUntilItWorks, type Persistence } from '../../../persist.ts';
import {
  batchesTable,
  onConflict,
  quoted,
  quotedList,
  type Database,
  type Table,
} from '../database/database.ts';
import { affinityOf, bound, placeholder, rowNumber, sqliteDialect, type Bound } from './columns.ts';
import { isLocked, sqliteProblem } from './problems.ts';

/** Rows that one statement takes: what a call costs, it costs once. */
const rowsAtOnce = 100;
/** A statement has at most so many parameters (SQLITE_MAX_VARIABLE_NUMBER). */
const mostParameters = 32_766;
/** How long SQLite itself waits for a lock, in milliseconds; longer, and nobody could interrupt it. */
const ownPatience = 100;

/** How rows of these columns come into the table. */
type Inserting = {
  readonly columns: readonly Column[];
  readonly many: StatementSyncInstance;
  readonly one: StatementSyncInstance;
  readonly rowsAtOnce: number;
};

export type SqliteSettings = {
  /** Absolute; the file is made where it is not there. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly table: string;
  /** How long another process may keep the database locked, in milliseconds. */
  readonly patience: number;
};

export class SqliteDatabase implements Database {
  readonly dialect = sqliteDialect;
  readonly name: string;
  readonly tableName: string;
  readonly quotedTable: string;
  readonly #database: DatabaseSyncInstance;
  readonly #persistence: Persistence;
  #isOpen = false;
  /** Rows are on the disk when `commit` is done, not only safe from a crash of this process. */
  #isDurable = false;
  #inserting: Inserting | undefined;

  private constructor(
    database: DatabaseSyncInstance,
    { name, table }: SqliteSettings,
    persistence: Persistence,
  ) {
    this.#database = database;
    this.#persistence = persistence;
    this.name = name;
    this.tableName = table;
    this.quotedTable = quoted(table);
  }

  static async open(settings: SqliteSettings): Promise<SqliteDatabase> {
    const { path, patience } = settings;
    const persistence = {
      patience: () => patience,
      isPassing: isLocked,
      // SQLite has waited itself.
      pauseAfter: () => 0,
      problem: (error: unknown) => sqliteProblem(path, patience, error),
    };
    const database = await tryUntilItWorks(persistence, () => {
      const { DatabaseSync } = createRequire(import.meta.filename)('@photostructure/sqlite') as Sqlite;
      const opened = new DatabaseSync(path);
      opened.exec(`PRAGMA busy_timeout = ${ownPatience}`);
      // Reads the file, so that a damaged one is found before the first row.
      opened.prepare('SELECT count(*) FROM sqlite_schema').get();
      return opened;
    });
    return new SqliteDatabase(database, settings, persistence);
  }

  async describe(): Promise<Table | undefined> {
    const found = await this.#columnsOf(this.tableName);
    if (found.length === 0) return undefined;
    const columns = found.filter(({ hidden }) => hidden === 0);
    // A primary key without an index is the number by which SQLite keeps its rows.
    const hasIndex = this.#database
      .prepare("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'")
      .get(this.tableName);
    return {
      columns: columns.map(({ name, type, pk }) => ({
        name,
        type: pk > 0 && !hasIndex ? rowNumber : affinityOf(type),
      })),
      generated: found.filter(({ hidden }) => hidden !== 0).map(({ name }) => name),
      uniques: this.#uniques(columns),
    };
  }

  async #columnsOf(table: string): Promise<Described[]> {
    return this.#attempt(
      () =>
        this.#database
          .prepare('SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)')
          .all(table) as Described[],
    );
  }

  #uniques(columns: readonly Described[]): string[][] {
    const indexes = this.#database
      .prepare(
        'SELECT i.name AS "index", c.name AS name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c WHERE i."unique" AND NOT i.partial',
      )
      .all(this.tableName) as { index: string; name: string | null }[];
    const uniques = new Map<string, string[]>();
    for (const { index, name } of indexes) uniques.set(index, [...(uniques.get(index) ?? []), name ?? '']);
    const primary = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
    return [primary, ...uniques.values()];
  }

  get isInTransaction(): boolean {
    return this.#isOpen;
  }

  async begin(): Promise<void> {
    if (this.#isOpen) return;
    await this.#attempt(() => {
      this.#prepareJournal();
      this.#database.exec('BEGIN IMMEDIATE');
    });
    this.#isOpen = true;
  }

  /**
   * A new database writes ahead: a commit is one write that has to reach the disk (3.4 ms) rather than three (11.4), and
   * who reads is never in the way. That of somebody else stays as it is.
   */
  #prepareJournal(): void {
    const { pages } = this.#database.prepare('SELECT page_count AS pages FROM pragma_page_count').get() as {
      pages: number;
    };
    if (pages === 0) this.#database.exec('PRAGMA journal_mode = WAL');
    const { mode } = this.#database.prepare('SELECT journal_mode AS mode FROM pragma_journal_mode').get() as {
      mode: string;
    };
    this.#database.exec(`PRAGMA synchronous = ${this.#isDurable || mode !== 'wal' ? 'FULL' : 'NORMAL'}`);
  }

  async create(columns: readonly Column[], key: readonly string[]): Promise<void> {
    // A key of INTEGER alone would be the number of the row, which takes no fraction.
    const declared = columns.map(({ name, type }) =>
      `${quoted(name)} ${key.includes(name) && type === 'INTEGER' ? 'INT' : type}`.trimEnd(),
    );
    if (key.length > 0) declared.push(`PRIMARY KEY (${quotedList(key)})`);
    await this.#attempt(() =>
      this.#database.exec(`CREATE TABLE ${this.quotedTable} (${declared.join(', ')})`),
    );
  }

  async clear(): Promise<void> {
    await this.#attempt(() => this.#database.exec(`DELETE FROM ${this.quotedTable}`));
  }

  /** Hot path. */
  async insert(columns: readonly Column[], key: readonly string[], values: Json[]): Promise<void> {
    const bounds = values as Bound[];
    for (let index = 0, place = 0; index < values.length; index += 1) {
      bounds[index] = bound(columns[place] as Column, values[index] as Json);
      place = place + 1 === columns.length ? 0 : place + 1;
    }
    const width = columns.length;
    // Where a lock is in the way, it goes on from there.
    let at = 0;
    await this.#attempt(() => {
      if (this.#inserting?.columns !== columns) this.#inserting = this.#prepareInsert(columns, key);
      const { many, one, rowsAtOnce: most } = this.#inserting;
      for (; at + most * width <= bounds.length; at += most * width)
        many.run(...bounds.slice(at, at + most * width));
      for (; at < bounds.length; at += width) one.run(...bounds.slice(at, at + width));
    });
  }

  #prepareInsert(columns: readonly Column[], key: readonly string[]): Inserting {
    const row = `(${columns.map(placeholder).join(', ')})`;
    const most = Math.max(1, Math.min(rowsAtOnce, Math.floor(mostParameters / columns.length)));
    const into = `INSERT INTO ${this.quotedTable} (${quotedList(columns.map(({ name }) => name))})`;
    const prepare = (rows: number): StatementSyncInstance =>
      this.#database.prepare(
        `${into} VALUES ${Array.from({ length: rows }, () => row).join(', ')}${onConflict(columns, key)}`,
      );
    return { columns, many: prepare(most), one: prepare(1), rowsAtOnce: most };
  }

  async beginJob(job: string): Promise<number | undefined> {
    this.#isDurable = true;
    if ((await this.#columnsOf(batchesTable)).length === 0) return undefined;
    const select = `SELECT batch FROM ${batchesTable} WHERE job = ? AND table_name = ?`;
    const row = await this.#attempt(() => this.#database.prepare(select).get(job, this.tableName));
    return (row as { batch: number } | undefined)?.batch;
  }

  async noteBatch(job: string, batch: number): Promise<void> {
    await this.#attempt(() => {
      this.#database.exec(
        `CREATE TABLE IF NOT EXISTS ${batchesTable} (job TEXT, table_name TEXT, batch INTEGER, PRIMARY KEY (job, table_name)) WITHOUT ROWID`,
      );
      const replace = `INSERT OR REPLACE INTO ${batchesTable} VALUES (?, ?, ?)`;
      this.#database.prepare(replace).run(job, this.tableName, batch);
    });
  }

  async commit(): Promise<void> {
    if (!this.#isOpen) return;
    await this.#attempt(() => this.#database.exec('COMMIT'));
    this.#isOpen = false;
  }

  async close(): Promise<void> {
    // Closing alone would keep the lock as long as there are statements.
    if (this.#isOpen) this.#database.exec('ROLLBACK');
    this.#isOpen = false;
    this.#database.close();
  }

  #attempt<Result>(work: () => Result): Promise<Result> {
    return tryUntilItWorks(this.#persistence, work);
  }
}

type Sqlite = typeof import('@photostructure/sqlite');
type Described = {
  readonly name: string;
  readonly type: string;
  readonly pk: number;
  readonly hidden: number;
};
