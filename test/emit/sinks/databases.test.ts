// What a database sink does whichever database it is: the modes, the names in SQL, what is refused. SQLite and PostgreSQL
// stand the same tests.
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Database, Mode } from '../../../src/emit/sinks/database/database.ts';
import { DatabaseWriter } from '../../../src/emit/sinks/database/writer.ts';
import { parsePostgresAddress } from '../../../src/emit/sinks/postgres/address.ts';
import { PostgresDatabase } from '../../../src/emit/sinks/postgres/database.ts';
import { SqliteDatabase } from '../../../src/emit/sinks/sqlite/database.ts';
import { Rows } from '../../../src/emit/rows.ts';
import { SluiceError } from '../../../src/errors.ts';
import { execute, query } from '../../helpers/database.ts';
import { temporaryFolder } from '../../helpers/temporary.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

const batch = { batch: 0, isWindow: false };

/** One database of a test, and how to look into it: rows as lists of texts, null for NULL. */
type Place = {
  readonly open: (table: string, mode?: Mode, key?: readonly string[]) => Promise<DatabaseWriter>;
  readonly run: (statement: string) => Promise<void>;
  readonly rows: (statement: string) => Promise<(string | null)[][]>;
};

function sqlitePlace(): Place {
  const path = join(temporaryFolder(), 'r.db');
  return {
    async open(table, mode = 'append', key = []) {
      return writerTo(await SqliteDatabase.open({ path, name: 'r.db', table, patience: 1000 }), mode, key);
    },
    run: async (statement) => execute(path, statement),
    rows: async (statement) =>
      query(path, statement).map((row) =>
        row.map((value) => (value === null ? null : String(value as string | number | bigint))),
      ),
  };
}

function writerTo(database: Database, mode: Mode, key: readonly string[]): DatabaseWriter {
  const writer = new DatabaseWriter(database, { mode, key, status: undefined });
  onTestFinished(() => writer.close().catch(() => undefined));
  return writer;
}

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SluiceError) return `${error.exitCode} ${error.message}\n${error.hint ?? ''}`;
    throw error;
  }
  return 'no error';
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe('SQLite', () => modesAndNames(sqlitePlace));

describeWithPostgres('PostgreSQL', (cluster) => {
  let databases = 0;
  modesAndNames(async () => {
    const name = `d${(databases += 1)}`;
    await cluster().query(`CREATE DATABASE ${name}`);
    const text = cluster().address.replace(/postgres$/, name);
    const address = parsePostgresAddress(text);
    const ask = async (statement: string): Promise<(string | null)[][]> => cluster().query(statement, text);
    return {
      async open(table, mode = 'append', key = []) {
        const database = new PostgresDatabase({ address, table, passwordFile: undefined, patience: 5000 });
        return writerTo(database, mode, key);
      },
      run: async (statement) => void (await ask(statement)),
      rows: ask,
    };
  });
});

function modesAndNames(makePlace: () => Place | Promise<Place>): void {
  test('upsert replaces rows of a key, the last one counts, and leaves the others', async () => {
    const { open, rows } = await makePlace();
    const writer = await open('t', 'upsert', ['day', 'status']);
    const write = (...texts: string[]): Promise<void> => writer.write(Rows.of(texts), batch, true, true);
    await write('{"day":"a","status":200,"n":1}', '{"day":"a","status":404,"n":2}');
    await write(
      '{"day":"a","status":200,"n":3}',
      '{"day":"b","status":200,"n":4}',
      '{"day":"a","status":200,"n":5}',
    );
    expect(await rows('SELECT day, status, n FROM t ORDER BY day, status')).toEqual([
      ['a', '200', '5'],
      ['a', '404', '2'],
      ['b', '200', '4'],
    ]);
  });

  test('upsert into a table that is there leaves columns that rows do not have', async () => {
    const { open, run, rows } = await makePlace();
    await run(
      "CREATE TABLE t (id int NOT NULL PRIMARY KEY, n int, note text DEFAULT 'new'); INSERT INTO t VALUES (1, 1, 'mine')",
    );
    const writer = await open('t', 'upsert', ['id']);
    await writer.write(Rows.of(['{"n":7,"id":1}', '{"n":8,"id":2}']), batch, true, true);
    expect(await rows('SELECT id, n, note FROM t ORDER BY id')).toEqual([
      ['1', '7', 'mine'],
      ['2', '8', 'new'],
    ]);
  });

  test('rows that are nothing but their key are there once', async () => {
    const { open, rows } = await makePlace();
    const writer = await open('t', 'upsert', ['id']);
    for (const id of [1, 2, 1]) await writer.write(Rows.of([`{"id":${id}}`]), batch, true, true);
    expect(await rows('SELECT id FROM t ORDER BY id')).toEqual([['1'], ['2']]);
  });

  test('replace leaves the rows of the newest table, and none where that has none', async () => {
    const { open, rows } = await makePlace();
    const writer = await open('t', 'replace');
    await writer.write(Rows.none, batch, true, true);
    await writer.write(Rows.of(['{"n":1}', '{"n":2}']), batch, true, false);
    await writer.write(Rows.of(['{"n":3}']), batch, false, true);
    expect(await rows('SELECT n FROM t ORDER BY n')).toEqual([['1'], ['2'], ['3']]);
    await writer.write(Rows.of(['{"n":4}']), batch, true, true);
    expect(await rows('SELECT n FROM t')).toEqual([['4']]);
    await writer.write(Rows.none, batch, true, true);
    expect(await rows('SELECT n FROM t')).toEqual([]);
  });

  test('a replaced table is never seen empty', async () => {
    const { open, rows } = await makePlace();
    const writer = await open('t', 'replace');
    await writer.write(Rows.of(['{"n":1}']), batch, true, true);
    await writer.write(Rows.of(['{"n":2}']), batch, true, false);
    expect(await rows('SELECT n FROM t')).toEqual([['1']]);
  });

  test.for([
    [
      'a key that the table lacks',
      '{"id":1}',
      ['other'],
      "65 --key other: table 't' of .* has no such column",
    ],
    [
      'a key that is not unique',
      '{"n":1}',
      ['n'],
      "65 rows of table 't' of .* are not unique by n.*\nname the columns of its primary key, or make them unique: CREATE UNIQUE INDEX",
    ],
    ['half of a key', '{"id":1}', ['id', 'n'], '65 rows of .* are not unique by id, n'],
    ['a row without its key', '{"n":1}', ['id'], '65 a row has nothing in id, a column of its key: {"n":1'],
    ['a key that is null', '{"n":1,"id":null}', ['id'], '65 a row has nothing in id'],
    [
      'a column that the table lacks',
      '{"id":1,"x":2}',
      ['id'],
      '65 table \'t\' of .* has no column \'x\'\nwrite to another table, or add it: ALTER TABLE "t" ADD COLUMN "x" (INTEGER|numeric)$',
    ],
    [
      'a column that the table computes',
      '{"id":1,"twice":2}',
      ['id'],
      "65 column 'twice' of table 't' of .* is generated, so no row can have it\nleave it out: sluice map --drop twice",
    ],
  ] as const)('%s is refused', async ([, row, key, message]) => {
    const { open, run, rows } = await makePlace();
    await run('CREATE TABLE t (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED)');
    const writer = await open('t', 'upsert', key);
    expect(await failure(writer.write(Rows.of([row]), batch, true, true))).toMatch(new RegExp(message));
    await writer.close();
    expect(await rows('SELECT * FROM t')).toEqual([]);
  });

  test('a key that begins with whole numbers may go on with fractions', async () => {
    const { open, rows } = await makePlace();
    const writer = await open('t', 'upsert', ['le']);
    for (const le of [1, 0.5, 1]) await writer.write(Rows.of([`{"le":${le}}`]), batch, true, true);
    expect(await rows('SELECT le FROM t ORDER BY le')).toEqual([['0.5'], ['1']]);
  });

  test('no table is made whose key is not among its columns', async () => {
    const { open } = await makePlace();
    const writer = await open('t', 'upsert', ['id']);
    expect(await failure(writer.write(Rows.of(['{"a":1}']), batch, true, true))).toMatch(
      /^65 --key id: table 't'/,
    );
  });

  test.for([
    [`a"; DROP TABLE b; --`, `x") VALUES (1); DELETE FROM b; --'\n`],
    [`'); DELETE FROM b; --`, `"; DELETE FROM b; --`],
    ['$1', '$2'],
    ['?', ':a'],
    ['ü 表', '\\" \t'],
    ['SELECT', 'select'],
    ['%I', '/* */ --'],
  ] as const)(
    'nothing in names, keys and values is SQL: table %j, column %j (fault 35)',
    async ([table, column]) => {
      const { open, run, rows } = await makePlace();
      await run('CREATE TABLE b (n int); INSERT INTO b VALUES (1)');
      const hostile = `\\'); DELETE FROM b; --\t\\.\n\\N $1 ${table} ${column}`;
      for (const mode of ['append', 'upsert', 'replace'] as const) {
        const name = `${mode} ${table}`;
        const writer = await open(name, mode, mode === 'upsert' ? [column] : []);
        for (const n of [1, 2]) {
          const row = JSON.stringify({ [column]: hostile, n });
          await writer.write(Rows.of([row]), batch, true, true);
        }
        await writer.resume({ job: `j'; DELETE FROM b; --`, committed: undefined, kept: undefined });
        await writer.write(Rows.of([JSON.stringify({ [column]: hostile, n: 3 })]), batch, true, true);
        await writer.commit(0);
        const found = await rows(`SELECT ${quoted(column)}, n FROM ${quoted(name)} ORDER BY n`);
        const numbers = mode === 'append' ? ['1', '2', '3'] : ['3'];
        expect(found).toEqual(numbers.map((n) => [hostile, n]));
        expect(await rows(`SELECT job, table_name FROM _sluice WHERE table_name LIKE '${mode}%'`)).toEqual([
          [`j'; DELETE FROM b; --`, name],
        ]);
      }
      expect(await rows('SELECT n FROM b')).toEqual([['1']]);
    },
  );

  test.for([
    ['NUL in it', 'a\\u0000b'],
    ['no column', ''],
  ] as const)('a column with %s', async ([, name]) => {
    const { open } = await makePlace();
    const writer = await open('t');
    const outcome = await failure(writer.write(Rows.of([`{"${name}":1}`]), batch, true, true));
    expect(outcome).toMatch(
      name === '' ? /^(no error|65 no column can be called "")/ : /^65 no column can be called "a\\u0000b"/,
    );
  });

  test('a table that is made takes fractions where whole numbers came first, and integers of any size, exactly', async () => {
    const { open, rows } = await makePlace();
    const writer = await open('t', 'upsert', ['k']);
    const write = (...texts: string[]): Promise<void> => writer.write(Rows.of(texts), batch, true, true);
    await write('{"k":"a","avg(p)":1,"sum(p)":1,"count":1}');
    await write('{"k":"b","avg(p)":1.5,"sum(p)":9007199254740993,"count":9007199254740993}');
    // So many that they go over without being parsed.
    await write(
      ...Array.from({ length: 2000 }, (_, n) => `{"k":"c${n}","avg(p)":0.1,"sum(p)":-2.25,"count":7}`),
    );
    expect(await rows('SELECT "avg(p)", "sum(p)", count FROM t WHERE k <= \'c0\' ORDER BY k')).toEqual([
      ['1', '1', '1'],
      ['1.5', '9007199254740993', '9007199254740993'],
      ['0.1', '-2.25', '7'],
    ]);
    expect(await rows('SELECT count(*) FROM t WHERE "avg(p)" < 1 AND "sum(p)" < -2')).toEqual([['2000']]);
  });

  test('columns that come later, in any order, and those of windows', async () => {
    const { open, run, rows } = await makePlace();
    await run('CREATE TABLE t (a int, b text, c int DEFAULT 9, window_end text, window_start text)');
    const writer = await open('t');
    const head = { batch: 0, isWindow: true, interval: { start: 0, end: 1000 } };
    await writer.write(Rows.of(['{"b":"x"}', '{"a":2,"b":"y"}', '{}']), head, true, true);
    await writer.write(Rows.of(['{"a":3}', '{"c":5}']), head, true, true);
    const edges = ['1970-01-01T00:00:00Z', '1970-01-01T00:00:01Z'];
    expect(await rows('SELECT a, b, c, window_start, window_end FROM t')).toEqual([
      [null, 'x', '9', ...edges],
      ['2', 'y', '9', ...edges],
      [null, null, '9', ...edges],
      ['3', null, null, ...edges],
      [null, null, '5', ...edges],
    ]);
  });

  test('many rows, of which some are not spelled as the others', async () => {
    const { open, rows } = await makePlace();
    const writer = await open('t');
    const odd = [
      '{ "n": 1, "s": "a" }',
      '{"s":"a","n":1}',
      '{"n":1,"s":null}',
      '{"n":1}',
      '{"n":1.0,"s":"\\u00fc\\t"}',
      '{"n":1,"s":""}',
    ];
    for (const text of odd) {
      const texts = Array.from({ length: 2000 }, (_, index) =>
        index === 1000 ? text : `{"n":${index},"s":"text ${index}"}`,
      );
      await writer.write(Rows.of(texts), batch, true, true);
    }
    expect(await rows('SELECT count(*), sum(n), count(s), count(DISTINCT s) FROM t')).toEqual([
      ['12000', String(6 * ((1999 * 2000) / 2 - 1000 + 1)), '11998', '2002'],
    ]);
  });

  test('what is not committed of a job is gone, and a job goes on where the table is', async () => {
    const { open, rows } = await makePlace();
    const from = { job: 'j', committed: undefined, kept: undefined };
    const writer = await open('t');
    expect(await writer.resume(from)).toBeUndefined();
    await writer.write(Rows.of(['{"n":1}']), batch, true, true);
    expect(await writer.commit(4)).toEqual({ batch: 4 });
    await writer.write(Rows.of(['{"n":2}']), batch, true, true);
    await writer.close();
    expect(await rows('SELECT n FROM t')).toEqual([['1']]);
    expect(await (await open('t')).resume(from)).toBe(4);
    expect(await (await open('u')).resume(from)).toBeUndefined();
    expect(await (await open('t')).resume({ ...from, job: 'k' })).toBeUndefined();
    expect(await failure((await open('t')).resume({ ...from, committed: 6, kept: { batch: 6 } }))).toMatch(
      /^78 table 't' of .* is older than the state of the job/,
    );
  });
}
