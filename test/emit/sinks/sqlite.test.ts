// Rows → a table: its columns, what they hold, what is refused, and which batches an earlier run left.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/envelope/json.ts';
import { affinityOf } from '../../../src/emit/sinks/sqlite/columns.ts';
import { SqliteDatabase } from '../../../src/emit/sinks/sqlite/database.ts';
import { DatabaseWriter } from '../../../src/emit/sinks/database/writer.ts';
import { Rows } from '../../../src/emit/rows.ts';
import { SluiceError } from '../../../src/errors.ts';
import { execute, query, read } from '../../helpers/database.ts';
import { temporaryFolder } from '../../helpers/temporary.ts';

const batch = { batch: 0, isWindow: false };

async function open(path: string, table = 't'): Promise<DatabaseWriter> {
  const database = await SqliteDatabase.open({ path, name: 'r.db', table, patience: 1000 });
  return new DatabaseWriter(database, { mode: 'append', key: [], status: undefined });
}

/** Writes tables of JSON texts, then looks. */
async function written(
  texts: readonly string[],
  before = '',
  look = 'SELECT * FROM t',
): Promise<unknown[][]> {
  const path = join(temporaryFolder(), 'r.db');
  if (before !== '') execute(path, before);
  const writer = await open(path);
  for (const text of texts) await writer.write(Rows.of([text]), batch, true, true);
  await writer.close();
  return query(path, look);
}

async function failure(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SluiceError) return `${error.exitCode} ${error.message}`;
    throw error;
  }
  return 'no error';
}

test.for<[string, readonly string[], string]>([
  ['integers', ['1', '-9007199254740993', '9223372036854775807', 'null'], 'INTEGER'],
  ['numbers', ['1', '2.5', '1e300'], 'REAL'],
  ['text', ['"a"', '"012"', '"ü"'], 'TEXT'],
  ['truth', ['true', 'false'], 'INTEGER'],
  ['more than 64 bits', ['18446744073709551616', '1'], 'TEXT'],
  ['lists and objects', ['[1,{"a":2}]', '{"id":12345678901234567890}'], 'TEXT'],
  ['nothing', ['null'], ''],
  ['text among numbers', ['1', '2.5', '"a"'], 'TEXT'],
])('a column is made for %s', async ([, values, type]) => {
  const path = join(temporaryFolder(), 'r.db');
  const writer = await open(path);
  await writer.write(Rows.of(values.map((value) => `{"v":${value}}`)), batch, true, true);
  await writer.close();
  expect(query(path, "SELECT type FROM pragma_table_info('t')")).toEqual([[type]]);
  const expected = values.map((value) => {
    const parsed = JSON.parse(value) as Json;
    if (typeof parsed === 'string') return parsed;
    if (type === 'TEXT') return parsed === null ? null : value;
    if (type === 'REAL' || parsed === null) return parsed;
    return typeof parsed === 'boolean' ? BigInt(parsed) : BigInt(value);
  });
  expect(query(path, 'SELECT v FROM t').flat()).toEqual(expected);
});

test('columns are those of all first rows; what a row lacks is NULL, in any order', async () => {
  const path = join(temporaryFolder(), 'r.db');
  const writer = await open(path);
  await writer.write(Rows.of(['{"a":1}', '{"b":"x","a":2}', '{}']), batch, true, true);
  await writer.close();
  expect(query(path, 'SELECT a, b FROM t')).toEqual([
    [1n, null],
    [2n, 'x'],
    [null, null],
  ]);
});

test('text is kept whole, NUL and all', async () => {
  expect(await written(['{"v":"a\\u0000b"}'], '', 'SELECT hex(v), typeof(v) FROM t')).toEqual([
    ['610062', 'text'],
  ]);
});

test('windows have their edges in front, as text', async () => {
  const path = join(temporaryFolder(), 'r.db');
  const writer = await open(path);
  const head = { batch: 0, isWindow: true, interval: { start: 0, end: 1500 } };
  await writer.write(Rows.of(['{"n":1}']), head, true, true);
  await writer.close();
  expect(query(path, 'SELECT * FROM t')).toEqual([['1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500Z', 1n]]);
});

test('more rows than a statement takes, wide and narrow', async () => {
  for (const [width, count] of [
    [1, 1234],
    [900, 77],
  ] as const) {
    const names = Array.from({ length: width }, (_, index) => `c${index}`);
    const row = (number: number): string =>
      JSON.stringify(Object.fromEntries(names.map((name) => [name, number])));
    const path = join(temporaryFolder(), 'r.db');
    const writer = await open(path);
    await writer.write(Rows.of(Array.from({ length: count }, (_, index) => row(index))), batch, true, true);
    await writer.close();
    expect(query(path, `SELECT count(*), sum(c0), sum(c${width - 1}) + 0 FROM t`)).toEqual([
      [BigInt(count), BigInt((count * (count - 1)) / 2), BigInt((count * (count - 1)) / 2)],
    ]);
  }
});

describe('a table that is there', () => {
  test('is added to by name, whatever the case and the order; other columns have their defaults', async () => {
    const before =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, Name TEXT, n NUMERIC DEFAULT 7); INSERT INTO t VALUES (1,'a',1)";
    expect(await written(['{"name":5,"ID":2}'], before)).toEqual([
      [1n, 'a', 1n],
      [2n, '5', 7n],
    ]);
  });

  test.for([
    ['another column', '{"a":1,"b":2}', "65 table 't' of r.db has no column 'b'"],
    ['text in a number', '{"a":"x"}', '65 column \'a\' is of type INTEGER, which cannot hold "x"'],
    [
      'too large',
      '{"a":18446744073709551616}',
      "65 column 'a' is of type INTEGER, which cannot hold 18446744073709551616",
    ],
    [
      'rounded',
      '{"r":9007199254740993}',
      "65 column 'r' is of type REAL, which cannot hold 9007199254740993",
    ],
    ['a list', '{"r":[1]}', "65 column 'r' is of type REAL, which cannot hold [1]"],
    ['NULL where none may be', '{"r":1}', 'PATH does not take the rows: NOT NULL constraint failed: t.a'],
  ] as const)('does not take %s', async ([, row, message]) => {
    const path = join(temporaryFolder(), 'r.db');
    execute(path, 'CREATE TABLE t (a INT NOT NULL, r DOUBLE)');
    const writer = await open(path);
    expect(await failure(() => writer.write(Rows.of([row]), batch, true, true))).toBe(
      message.replace('PATH', `65 ${path}`),
    );
    await writer.close();
    expect(query(path, 'SELECT count(*) FROM t')).toEqual([[0n]]);
  });

  test.for([
    ['INTEGER PRIMARY KEY', '1.5', "65 column 'id' is of type INTEGER PRIMARY KEY, which cannot hold 1.5"],
    [
      'INTEGER PRIMARY KEY',
      '1e300',
      "65 column 'id' is of type INTEGER PRIMARY KEY, which cannot hold 1e+300",
    ],
    ['INTEGER PRIMARY KEY', '"x"', '65 column \'id\' is of type INTEGER PRIMARY KEY, which cannot hold "x"'],
    ['INTEGER PRIMARY KEY', '9223372036854775807', 'no error'],
    ['INTEGER PRIMARY KEY', '2.0', 'no error'],
    ['INTEGER PRIMARY KEY', 'null', 'no error'],
    ['INT PRIMARY KEY', '1.5', 'no error'],
    ['INTEGER UNIQUE', '1.5', 'no error'],
  ] as const)('a column that is %s and %s', async ([declared, value, message]) => {
    const path = join(temporaryFolder(), 'r.db');
    execute(path, `CREATE TABLE t (n INTEGER, id ${declared})`);
    const writer = await open(path);
    const row = `{"id":${value},"n":1}`;
    expect(await failure(() => writer.write(Rows.of([row]), batch, true, true))).toBe(message);
    await writer.close();
  });

  test.for([
    ['BIGINT', 'INTEGER'],
    ['VARCHAR(20)', 'TEXT'],
    ['blob', ''],
    ['', ''],
    ['double precision', 'REAL'],
    ['DECIMAL(10,2)', 'NUMERIC'],
  ] as const)("%s is of SQLite's affinity '%s'", async ([declared, affinity]) => {
    expect(affinityOf(declared)).toBe(affinity);
  });
});

test('names are quoted: nothing in them is SQL', async () => {
  const [table, column] = ['a"; DROP TABLE b; --', `x") VALUES (1); DELETE FROM b; --'\n`];
  const path = join(temporaryFolder(), 'r.db');
  execute(path, 'CREATE TABLE b (n); INSERT INTO b VALUES (1)');
  const writer = await open(path, table);
  await writer.write(Rows.of([JSON.stringify({ [column]: "'); DELETE FROM b; --" })]), batch, true, true);
  await writer.close();
  expect(query(path, 'SELECT n FROM b')).toEqual([[1n]]);
  expect(query(path, `SELECT * FROM "${table.replaceAll('"', '""')}"`)).toEqual([["'); DELETE FROM b; --"]]);
});

test.for([
  [
    'columns that differ in case only',
    '{"a":1,"A":2}',
    "65 columns 'a' and 'A' are one to SQLite: only case differs",
  ],
  ['no column at all', '{}', '65 a table cannot be made of rows without columns'],
] as const)('no table is made of %s', async ([, row, message]) => {
  const path = join(temporaryFolder(), 'r.db');
  const writer = await open(path);
  expect(await failure(() => writer.write(Rows.of([row]), batch, true, true))).toBe(message);
});

test('who reads holds a commit up, until it has read', async () => {
  const path = join(temporaryFolder(), 'r.db');
  execute(path, 'PRAGMA journal_mode = DELETE; CREATE TABLE t (n INT); INSERT INTO t VALUES (1)');
  const stop = read(path, 'SELECT n FROM t');
  const writer = await open(path);
  const writing = writer.write(Rows.of(['{"n":2}']), batch, true, true);
  setTimeout(stop, 300);
  await writing;
  expect(query(path, 'SELECT n FROM t')).toEqual([[1n], [2n]]);
  const letGo = read(path, 'SELECT n FROM t');
  expect(await failure(() => writer.write(Rows.of(['{"n":3}']), batch, true, true))).toMatch(
    /^75 .* is locked by another process, for more than 1s$/,
  );
  letGo();
  await writer.close();
  expect(query(path, 'SELECT n FROM t')).toEqual([[1n], [2n]]);
});

describe('a job that keeps state', () => {
  const job = 'j1';
  const row = (number: number): Rows => Rows.of([`{"n":${number}}`]);

  test('what is not committed is gone, and the batch goes with the rows', async () => {
    const path = join(temporaryFolder(), 'r.db');
    const writer = await open(path);
    expect(await writer.resume({ job, committed: undefined, kept: undefined })).toBeUndefined();
    await writer.write(row(1), batch, true, true);
    expect(await writer.commit(0)).toEqual({ batch: 0 });
    // Batches without rows need no transaction.
    expect(await writer.commit(3)).toEqual({ batch: 0 });
    await writer.write(row(2), batch, true, true);
    await writer.close();
    expect(query(path, 'SELECT n FROM t')).toEqual([[1n]]);
    expect(query(path, 'SELECT * FROM _sluice')).toEqual([[job, 't', 0n]]);
  });

  test.for([
    ['both agree', 4, 9, { batch: 4 }, 9],
    ['both agree, and the stream had ended', 4, undefined, { batch: 4 }, undefined],
    ['a crash behind the commit of the database', 6, 4, { batch: 4 }, 6],
    ['the first commit was the one', 0, undefined, undefined, 0],
    ['batches without rows came behind', 12, 9, { batch: 4 }, 12],
    ['nothing ever had rows', undefined, 9, { batch: null }, 9],
    ['another sink had been used meanwhile', 4, 9, { length: 100 }, 9],
  ] as const)('%s', async ([, inDatabase, committed, kept, expected]) => {
    const path = join(temporaryFolder(), 'r.db');
    const writer = await open(path);
    if (inDatabase !== undefined) {
      await writer.resume({ job, committed: undefined, kept: undefined });
      await writer.write(row(1), batch, true, true);
      await writer.commit(inDatabase);
    }
    await writer.close();
    expect(await (await open(path)).resume({ job, committed, kept })).toBe(expected);
    // It is another job's business, and another table's.
    const from = { committed: undefined, kept: undefined };
    expect(await (await open(path)).resume({ ...from, job: 'j2' })).toBeUndefined();
    expect(await (await open(path, 'u')).resume({ ...from, job })).toBeUndefined();
  });

  test('a database that is older than the state is refused', async () => {
    const path = join(temporaryFolder(), 'r.db');
    const writer = await open(path);
    await writer.resume({ job, committed: undefined, kept: undefined });
    await writer.write(row(1), batch, true, true);
    await writer.commit(3);
    await writer.close();
    await expect((await open(path)).resume({ job, committed: 5, kept: { batch: 5 } })).rejects.toThrow(
      "table 't' of r.db is older than the state of the job: it has batches up to 3, but had them up to 5",
    );
  });
});
