// What is in a SQLite database.
import { createRequire } from 'node:module';

type Sqlite = typeof import('@photostructure/sqlite');
const { DatabaseSync } = createRequire(import.meta.url)('@photostructure/sqlite') as Sqlite;

/** Runs statements in a database, which is made where it is not there. */
export function execute(path: string, statements: string): void {
  const database = new DatabaseSync(path);
  database.exec(statements);
  database.close();
}

/** The rows of a query, each as a list; integers are bigints. */
export function query(path: string, statement: string): unknown[][] {
  const database = new DatabaseSync(path, { readOnly: true });
  const prepared = database.prepare(statement);
  prepared.setReadBigInts(true);
  const rows = prepared.all() as Record<string, unknown>[];
  database.close();
  return rows.map((row) => Object.values(row));
}

/** Keeps a database locked until the function that it returns is called. */
export function lock(path: string): () => void {
  const database = new DatabaseSync(path);
  database.exec('BEGIN IMMEDIATE');
  return () => database.close();
}

/** Reads within a transaction, which lasts until the function that it returns is called. */
export function read(path: string, statement: string): () => void {
  const database = new DatabaseSync(path);
  database.exec('BEGIN');
  database.prepare(statement).all();
  return () => {
    // Closing alone keeps the lock until the statement is collected.
    database.exec('ROLLBACK');
    database.close();
  };
}
