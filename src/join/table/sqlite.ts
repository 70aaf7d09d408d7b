// The rows of a query, or of a table, of a SQLite database. What is read is as it was when reading began, whoever writes meanwhile.
import { createRequire } from 'node:module';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { quoted } from '../../emit/sinks/database/database.ts';
import { sqlitePath } from '../../emit/sinks/sqlite-scheme.ts';
import { stringifyNumber } from '../../envelope/json.ts';
import { cannotRead, messageOf, SluiceError, systemCode } from '../../errors.ts';
import { openFile } from '../../ingest/sources/file.ts';
import type { OriginOptions, OriginState, Rows, TableOrigin } from './origin.ts';

type Sqlite = typeof import('@photostructure/sqlite');
type Value = null | number | bigint | string | Uint8Array;

/** How long another process may keep the database locked, in milliseconds. */
const patience = 5000;
const rowsAtOnce = 2000;

/** Throws SluiceError('usage') for a query that is none. */
export async function sqliteOrigin(operand: string, { query, table }: OriginOptions): Promise<TableOrigin> {
  const path = sqlitePath(operand);
  if (query !== undefined && table !== undefined)
    throw new SluiceError(
      'usage',
      '--query and --table exclude one another',
      'a query names its tables itself',
    );
  const text = query ?? `SELECT * FROM ${quoted(table ?? basename(path, extname(path)))}`;
  const origin: TableOrigin = {
    name: operand,
    isLasting: true,
    state: () => stateOf(path),
    read: () => readRows(path, operand, text),
  };
  await openFile(path);
  const { database } = prepared(path, operand, text);
  database.close();
  return origin;
}

/** The file, and the log beside it that has what was written last. */
async function stateOf(path: string): Promise<OriginState> {
  const files = await Promise.all(
    [path, `${path}-wal`].map((file) => stat(file, { bigint: true }).catch(() => undefined)),
  );
  if (!files[0]) throw cannotRead(path, Object.assign(new Error('gone'), { code: 'ENOENT' }));
  return {
    text: files
      .map((file) => (file ? [file.dev, file.ino, file.size, file.mtimeNs].join(' ') : '-'))
      .join(', '),
  };
}

type Prepared = {
  readonly database: DatabaseSyncInstance;
  readonly statement: StatementSyncInstance;
  readonly columns: readonly string[];
};

function prepared(path: string, name: string, query: string): Prepared {
  return attempt(name, () => {
    const { DatabaseSync } = createRequire(import.meta.filename)('@photostructure/sqlite') as Sqlite;
    const database = new DatabaseSync(path, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${patience}`);
    const statement = database.prepare(query);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const columns = statement.columns().map((column) => column.name);
    const twin = columns.find((column, index) => columns.indexOf(column) < index);
    if (twin !== undefined)
      throw new SluiceError(
        'usage',
        `two columns of ${name} are called '${twin}'`,
        'give one another name with AS',
      );
    if (columns.length === 0)
      throw new SluiceError(
        'usage',
        `--query '${query}' gives no rows`,
        "write it like --query 'SELECT id, name FROM users'",
      );
    return { database, statement, columns };
  });
}

async function* readRows(path: string, name: string, query: string): AsyncGenerator<Rows, boolean> {
  const { database, statement, columns } = prepared(path, name, query);
  const heads = columns.map((column, index) => `${index === 0 ? '{' : ','}${JSON.stringify(column)}:`);
  try {
    const rows = statement.iterate() as Iterator<Value[]>;
    for (let isOver = false; !isOver;) {
      let text = '';
      let count = 0;
      while (count < rowsAtOnce) {
        const { value, done } = attempt(name, () => rows.next());
        isOver = done === true;
        if (isOver) break;
        text += `${count > 0 ? ',' : ''}${rowText(name, columns, heads, value as Value[])}`;
        count += 1;
      }
      if (count > 0) yield { payload: Buffer.from(text), count };
      // Signals are heard, and other stages go on.
      await setImmediate();
    }
    return true;
  } finally {
    database.close();
  }
}

function rowText(
  name: string,
  columns: readonly string[],
  heads: readonly string[],
  values: readonly Value[],
): string {
  let text = '';
  for (let index = 0; index < heads.length; index += 1) {
    const value = values[index] ?? null;
    if (value instanceof Uint8Array)
      throw new SluiceError(
        'badData',
        `${name}: column '${columns[index]}' holds bytes, and JSON has none`,
        'make text of them in the query: hex(column)',
      );
    text += heads[index] as string;
    if (typeof value === 'string') text += JSON.stringify(value);
    else text += typeof value === 'number' ? stringifyNumber(value) : String(value);
  }
  return `${text}}`;
}

/** sqlite.org/rescode.html: the low byte tells the kind. */
const problems: Record<number, readonly [SluiceError['exit'], string]> = {
  1: ['usage', 'WHY'],
  5: ['tryLater', `it is locked by another process, for more than ${patience / 1000} s`],
  6: ['tryLater', 'it is locked'],
  8: ['usage', 'a table is only read, and this writes: WHY'],
  11: ['badData', 'it is damaged: WHY'],
  14: ['noInput', 'it cannot be opened: WHY'],
  26: ['badData', 'it is no SQLite database'],
};

function attempt<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (systemCode(error) !== 'ERR_SQLITE_ERROR') throw error;
    const [exit, problem] = problems[kindOf(error)] ?? ['inputOutput', 'it cannot be read: WHY'];
    throw new SluiceError(
      exit,
      `${name}: ${problem.replace('WHY', () => messageOf(error))}`,
      undefined,
      error,
    );
  }
}

/** While rows are read no number comes with an error. */
function kindOf(error: unknown): number {
  const { errcode } = error as { errcode?: unknown };
  if (typeof errcode === 'number') return errcode & 0xff;
  const message = messageOf(error);
  if (message.includes('readonly')) return 8;
  return message.includes('locked') ? 5 : 0;
}
