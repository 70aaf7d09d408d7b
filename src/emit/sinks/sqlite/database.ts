// A SQLite database that rows are added to: one transaction at a time, which stays open until somebody commits it.
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { createRequire } from 'node:module';
import { messageOf, SluiceError } from '../../../errors.ts';
import { affinityOf, placeholder, type Bound, type Column } from './columns.ts';

/** How long another process may keep the database locked, in milliseconds. */
const patience = 5000;
/** Rows that one statement takes: what a call costs, it costs once. */
const rowsAtOnce = 100;
/** A statement has at most so many parameters (SQLITE_MAX_VARIABLE_NUMBER). */
const mostParameters = 32_766;

type Inserting = {
  readonly many: StatementSyncInstance;
  readonly one: StatementSyncInstance;
  readonly rowsAtOnce: number;
};

export class Database {
  readonly #path: string;
  readonly #database: DatabaseSyncInstance;
  #isOpen = false;
  /** Rows are on the disk when `commit` returns, not only safe from a crash of this process. */
  isDurable = false;

  /** Made where it is not there. `path` is absolute. Throws SluiceError, as everything here does. */
  constructor(path: string) {
    this.#path = path;
    this.#database = this.#attempt(() => {
      const { DatabaseSync } = createRequire(import.meta.filename)('@photostructure/sqlite') as Sqlite;
      const database = new DatabaseSync(path);
      database.exec(`PRAGMA busy_timeout = ${patience}`);
      // Reads the file, so that a damaged one is found before the first row.
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
      return database;
    });
  }

  /** The columns of a table, or undefined where it is not there. */
  columnsOf(table: string): Column[] | undefined {
    const rows = this.#attempt(() =>
      this.#database.prepare('SELECT name, type FROM pragma_table_info(?)').all(table),
    ) as { name: string; type: string }[];
    return rows.length > 0 ? rows.map(({ name, type }) => ({ name, type: affinityOf(type) })) : undefined;
  }

  get isInTransaction(): boolean {
    return this.#isOpen;
  }

  begin(): void {
    if (this.#isOpen) return;
    this.#attempt(() => {
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
    this.#database.exec(`PRAGMA synchronous = ${this.isDurable || mode !== 'wal' ? 'FULL' : 'NORMAL'}`);
  }

  commit(): void {
    if (!this.#isOpen) return;
    this.#attempt(() => this.#database.exec('COMMIT'));
    this.#isOpen = false;
  }

  run(statement: string, ...values: Bound[]): void {
    this.#attempt(() => this.#database.prepare(statement).run(...values));
  }

  get(statement: string, ...values: Bound[]): Record<string, unknown> | undefined {
    return this.#attempt(() => this.#database.prepare(statement).get(...values)) as
      | Record<string, unknown>
      | undefined;
  }

  /** How rows of these columns come into a table. */
  inserting(table: string, columns: readonly Column[]): Inserting {
    const names = columns.map(({ name }) => quoted(name)).join(', ');
    const row = `(${columns.map(placeholder).join(', ')})`;
    const most = Math.max(1, Math.min(rowsAtOnce, Math.floor(mostParameters / columns.length)));
    const prepare = (rows: number): StatementSyncInstance =>
      this.#database.prepare(
        `INSERT INTO ${quoted(table)} (${names}) VALUES ${Array.from({ length: rows }, () => row).join(', ')}`,
      );
    return this.#attempt(() => ({ many: prepare(most), one: prepare(1), rowsAtOnce: most }));
  }

  /** `values` are those of all rows, one row behind the other, each of so many. */
  insert({ many, one, rowsAtOnce: most }: Inserting, values: readonly Bound[], width: number): void {
    this.#attempt(() => {
      let at = 0;
      for (; at + most * width <= values.length; at += most * width)
        many.run(...values.slice(at, at + most * width));
      for (; at < values.length; at += width) one.run(...values.slice(at, at + width));
    });
  }

  /** What is not committed is gone. */
  close(): void {
    this.#isOpen = false;
    this.#attempt(() => this.#database.close());
  }

  #attempt<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw databaseError(this.#path, error);
    }
  }
}

type Sqlite = typeof import('@photostructure/sqlite');

/** A name in SQL, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** sqlite.org/rescode.html: the low byte tells the kind. */
function databaseError(path: string, error: unknown): unknown {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  if (typeof code !== 'number') return error;
  const why = messageOf(error);
  const [exit, problem, hint] = problems[code & 0xff] ?? ['inputOutput', 'cannot write to PATH: WHY'];
  return new SluiceError(
    exit,
    problem.replace('PATH', () => path).replace('WHY', () => why),
    hint,
    error,
  );
}

const problems: Record<number, readonly [SluiceError['exit'], string, string?]> = {
  1: ['badData', 'PATH does not take the rows: WHY'],
  5: [
    'tryLater',
    `PATH is locked by another process, for more than ${patience / 1000} s`,
    'run the line again later',
  ],
  6: ['tryLater', 'PATH is locked', 'run the line again later'],
  8: ['inputOutput', 'PATH is read-only', 'name a database that can be written, in a folder that can be'],
  11: [
    'inputOutput',
    'PATH is damaged: WHY',
    'put it back from a backup, or see what can be saved: sqlite3 FILE .recover',
  ],
  13: [
    'inputOutput',
    'cannot write to PATH: no space left on the disk',
    'free some space and run the line again',
  ],
  14: [
    'cannotCreate',
    'cannot open the database PATH: WHY',
    'its folder has to be there, and be one that can be written',
  ],
  18: ['badData', 'PATH does not take the rows: WHY'],
  19: ['badData', 'PATH does not take the rows: WHY', 'the table has a constraint of its own'],
  26: ['cannotCreate', 'PATH is there and is no SQLite database', 'name another file'],
};
