// Tables of real files and databases: read once, and again when they have changed, whole or not at all.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../../src/errors.ts';
import { keyFields } from '../../../src/join/key.ts';
import { HeldTable } from '../../../src/join/table/held-table.ts';
import { openOrigin, type OriginOptions } from '../../../src/join/table/origin.ts';
import { recordsOf, batch, runAll } from '../../helpers/envelopes.ts';
import { execute } from '../../helpers/database.ts';
import { tableJoin } from '../../helpers/tables.ts';
import { newFolder, removeFolder, temporaryFolder } from '../../helpers/temporary.ts';

type Options = OriginOptions & { readonly reload?: boolean; readonly maxSize?: number; readonly on?: string };

async function held(operand: string, { reload = false, maxSize = 1e7, on = 'id', ...options }: Options = {}) {
  const warnings: string[] = [];
  const table = new HeldTable({
    origin: await openOrigin(operand, options),
    plan: { keys: keyFields('on', [on]), prefix: '', holdsMembers: true, maxSize },
    isReadAgain: reload,
    warn: (message) => warnings.push(message),
  });
  return { table, warnings };
}

/** What the table says of the ids 1 to 3, as JSON. */
function said({ table }: HeldTable): string {
  if (!table) return 'not read';
  const outputs = runAll(tableJoin(table, 'inner', { keys: ['id'] }), [
    batch(0, [{ id: 1 }, { id: 2 }, { id: 3 }]),
  ]);
  return JSON.stringify(recordsOf(outputs));
}

async function read(operand: string, options: Options = {}): Promise<string> {
  try {
    const { table } = await held(operand, options);
    await table.refresh(0);
    return said(table);
  } catch (error) {
    if (error instanceof SluiceError) return `${error.exit}: ${error.message}`;
    throw error;
  }
}

/** A time by which nobody has written to a file of now for a while. */
const later = (): number => Date.now() + 5000;

const two = '[{"id":1,"name":"ann"},{"id":2,"name":"bob"}]';

describe('what a table is read from', () => {
  test.each<[string, string | Buffer, Options, string]>([
    ['t.csv', 'id,name\n1,ann\n2,bob\n', {}, two],
    ['t.csv', '\uFEFFid,name\r\n1,ann\r\n2,bob', {}, two],
    ['t.CSV', 'name,id\n"ann",1\n"bob",2\n', {}, two],
    ['t.tsv', 'id\tname\n1\tann\n2\tbob\n', {}, two],
    ['t.ndjson', '{"id":1,"name":"ann"}\n\n{"name":"bob","id":2}\n', {}, two],
    ['t.csv.gz', gzipSync('id,name\n1,ann\n2,bob\n'), {}, two],
    ['t.txt', 'id,name\n1,ann\n2,bob\n', { format: 'csv' }, two],
    ['t.csv', 'id,name\n1,"a\nb"\n', {}, '[{"id":1,"name":"a\\nb"}]'],
    ['t.csv', 'id,name\n1,7\n', { types: 'name=text' }, '[{"id":1,"name":"7"}]'],
    ['t.csv', 'id,name\n', {}, '[]'],
    ['t.csv', '', {}, '[]'],
    ['t.csv', 'id,name\n1,ann\n2\n', {}, 'badData: t.csv, line 3: it has 1 value for 2 columns'],
    ['t.csv', 'id,name\n1,"ann\n', {}, 'badData: t.csv, line 2: the quote of value 2 is not closed'],
    ['t.ndjson', '{"id":1}\n{"id"\n', {}, 'badData: t.ndjson, line 2: no JSON'],
    ['t.ndjson', '[1]\n', {}, 'badData: t.ndjson, row 1: a row of a table is an object, and this is a list'],
    ['t.csv', `id,name\n1,${'x'.repeat(2 ** 21)}\n`, {}, 'badData: a line is longer than 1048576 bytes'],
    ['t.csv', 'uid,name\n1,ann\n', {}, "badData: no row of t.csv has a field 'id'"],
    ['t.txt', '', {}, 'usage: what kind of table is t.txt?'],
    ['t.csv', '', { query: 'SELECT 1' }, 'usage: --query does nothing with t.csv'],
    ['t.csv', '', { types: 'id=int' }, "usage: --types: there is no type 'int'"],
  ])('%s, number %#', async (name, content, options, expected) => {
    const folder = temporaryFolder();
    const path = join(folder, name);
    writeFileSync(path, content);
    const answer = (await read(path, options)).replaceAll(`${folder}/`, '');
    expect(answer.slice(0, expected.length)).toBe(expected);
  });

  test.each([
    ['-', "usage: the table cannot be '-': standard input is the stream"],
    ['kafka://h/t', 'usage: kafka://h/t is no table'],
    ['missing.csv', 'noInput: missing.csv: no such file'],
    ['/tmp/.csv', 'noInput: /tmp/.csv: no such file'],
  ])('%s', async (operand, expected) => expect(await read(operand)).toBe(expected));

  test('a folder', async () => {
    const folder = join(temporaryFolder(), 'a.csv');
    mkdirSync(folder);
    expect(await read(folder)).toMatch(/^noInput: .*a.csv is a directory$/);
  });

  test('a pipe, once', async () => {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reading = read(path, { format: 'csv' });
    execFile('sh', ['-c', `printf 'id,name\\n1,ann\\n2,bob\\n' > ${path}`]);
    expect(await reading).toBe(two);
  });

  test('the same rows, however a file is cut', async () => {
    const folder = newFolder();
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('a', '"b\n,"', 'ä', '"q""q"', '')),
            { maxLength: 20 },
          ),
          fc.boolean(),
          async (rows, isPacked) => {
            const path = join(folder, 't.csv');
            const text = Buffer.from(`id,name\n${rows.map((row) => `${row.join(',')}\n`).join('')}`);
            writeFileSync(path, isPacked ? gzipSync(text) : text);
            const names: Record<string, string | null> = { '"b\n,"': 'b\n,', '"q""q"': 'q"q', '': null };
            const expected = [1, 2, 3].flatMap((id) =>
              rows
                .filter((row) => row[0] === id)
                .map(([, name]) => ({ id, name: name in names ? names[name] : name })),
            );
            expect(JSON.parse(await read(path))).toEqual(expected);
          },
        ),
        { numRuns: 50 },
      );
    } finally {
      removeFolder(folder);
    }
  });
});

describe('databases', () => {
  test.each<[Options, string]>([
    [{}, two],
    [{ table: 'users' }, two],
    [
      { query: "SELECT uid AS id, upper(name) AS name FROM people WHERE name <> 'bob'" },
      '[{"id":1,"name":"ANN"}]',
    ],
    [{ query: 'SELECT 1 AS id, 0.5 AS half, NULL AS n' }, '[{"id":1,"half":0.5,"n":null}]'],
    [{ table: 'others' }, 'usage: sqlite:users.db: no such table: others'],
    [{ query: 'SELEC 1' }, 'usage: sqlite:users.db: near "SELEC": syntax error'],
    [{ query: 'SELECT id, id FROM users' }, "usage: two columns of sqlite:users.db are called 'id'"],
    [{ query: 'SELECT 1' }, "badData: no row of sqlite:users.db has a field 'id'"],
    [
      { query: "SELECT 1 AS id, x'00ff' AS b" },
      "badData: sqlite:users.db: column 'b' holds bytes, and JSON has none",
    ],
    [{ query: 'DELETE FROM people' }, "usage: --query 'DELETE FROM people' gives no rows"],
    [
      { query: 'DELETE FROM people RETURNING uid AS id' },
      'usage: sqlite:users.db: a table is only read, and this writes',
    ],
    [{ query: 'SELECT 1', table: 'users' }, 'usage: --query and --table exclude one another'],
    [{ format: 'csv' }, 'usage: --format does nothing with sqlite:users.db'],
  ])('%j', async (options, expected) => {
    const folder = temporaryFolder();
    const path = join(folder, 'users.db');
    execute(
      path,
      "CREATE TABLE people (uid, name); INSERT INTO people VALUES (1, 'ann'), (2, 'bob'); CREATE VIEW users AS SELECT uid AS id, name FROM people",
    );
    const answer = (await read(`sqlite:${path}`, options)).replaceAll(`${folder}/`, '');
    expect(answer.slice(0, expected.length)).toBe(expected);
  });

  test('integers beyond 2^53, as keys and otherwise', async () => {
    const path = join(temporaryFolder(), 'n.db');
    execute(path, 'CREATE TABLE n (id, v); INSERT INTO n VALUES (9007199254740993, 9223372036854775807)');
    const { table } = await held(`sqlite:${path}`);
    await table.refresh(0);
    const input = {
      header: { v: 1, batch: 0, part: 0, last: true, n: 2 },
      payload: Buffer.from('{"id":9007199254740993},{"id":9007199254740992}'),
    };
    const [output] = runAll(tableJoin(table.table!, 'inner', { keys: ['id'] }), [input]);
    expect(output?.payload.toString()).toBe('{"id":9007199254740993,"v":9223372036854775807}');
  });

  test('a file that is none, and one that is missing', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'x.db');
    writeFileSync(path, 'this is no database, and it is long enough to be looked at as one'.repeat(20));
    expect(await read(`sqlite:${path}`)).toBe(`badData: sqlite:${path}: it is no SQLite database`);
    expect(await read(`sqlite:${folder}/y.db`)).toBe(`noInput: ${folder}/y.db: no such file`);
  });

  test('what was committed since is read again', async () => {
    const path = join(temporaryFolder(), 'users.db');
    execute(
      path,
      "PRAGMA journal_mode = WAL; CREATE TABLE users (id, name); INSERT INTO users VALUES (1, 'ann')",
    );
    const { table, warnings } = await held(`sqlite:${path}`, { reload: true });
    await table.refresh(0);
    expect(said(table)).toBe('[{"id":1,"name":"ann"}]');
    execute(path, "INSERT INTO users VALUES (2, 'bob')");
    await table.refresh(0);
    expect(said(table)).toBe(two);
    execute(path, 'DROP TABLE users');
    await table.refresh(0);
    await table.refresh(0);
    expect(said(table)).toBe(two);
    expect(warnings).toEqual([
      `sqlite:${path} has changed and cannot be taken: sqlite:${path}: no such table: users; the table of before stays`,
    ]);
  });
});

describe('a table that has changed', () => {
  async function changing(name = 't.csv') {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, name.endsWith('csv') ? 'id,name\n1,ann\n' : '{"id":1,"name":"ann"}\n');
    const { table, warnings } = await held(path, { reload: true });
    await table.refresh(later());
    expect(said(table)).toBe(ann);
    return { path, table, warnings };
  }
  const ann = '[{"id":1,"name":"ann"}]';

  test('is read again, in place or moved to its place', async () => {
    const { path, table, warnings } = await changing();
    writeFileSync(path, 'id,name\n1,ann\n2,bob\n');
    await table.refresh(later());
    expect(said(table)).toBe(two);
    writeFileSync(`${path}.new`, 'id,name\n1,ann\n');
    renameSync(`${path}.new`, path);
    await table.refresh(later());
    expect(said(table)).toBe(ann);
    expect(warnings).toEqual([]);
  });

  test('is not, unless somebody asked for it', async () => {
    const path = join(temporaryFolder(), 't.csv');
    writeFileSync(path, 'id,name\n1,ann\n');
    const { table } = await held(path);
    await table.refresh(later());
    writeFileSync(path, 'id,name\n2,bob\n');
    expect(table.refresh(later())).toBeUndefined();
    expect(said(table)).toBe(ann);
  });

  test('is left alone while it was written to a moment ago', async () => {
    const { path, table, warnings } = await changing();
    writeFileSync(path, 'id,name\n1,ann\n2,bo');
    await table.refresh(Date.now());
    writeFileSync(path, 'id,name\n1,ann\n2,bob\n');
    await table.refresh(Date.now());
    expect(said(table)).toBe(ann);
    await table.refresh(later());
    expect(said(table)).toBe(two);
    expect(warnings).toEqual([]);
  });

  test('by a clock that is ahead of ours, too', async () => {
    const { path, table } = await changing();
    writeFileSync(path, 'id,name\n1,ann\n2,bob\n');
    const future = new Date(Date.now() + 3_600_000);
    utimesSync(path, future, future);
    const now = Date.now();
    await table.refresh(now);
    await table.refresh(now + 500);
    expect(said(table)).toBe(ann);
    await table.refresh(now + 1000);
    expect(said(table)).toBe(two);
  });

  test.each<[string, string | undefined, string]>([
    ['a line that does not fit', 'id,name\n1,ann\n2\n', 'PATH, line 3: it has 1 value for 2 columns'],
    ['half a line', 'id,name\n1,ann\n2,bo', 'its last line has no end'],
    ['nothing', '', 'it is empty'],
    ['another key', 'uid,name\n1,ann\n', "no row of PATH has a field 'id'"],
    ['gone', undefined, 'PATH: no such file'],
  ])('cannot be taken: %s; that is said once, and what comes next is taken', async (_, content, why) => {
    const { path, table, warnings } = await changing();
    if (content === undefined) rmSync(path);
    else writeFileSync(path, content);
    await table.refresh(later());
    await table.refresh(later());
    expect(said(table)).toBe(ann);
    expect(warnings).toEqual([
      `${path} has changed and cannot be taken: ${why.replace('PATH', path)}; the table of before stays`,
    ]);
    writeFileSync(path, 'id,name\n1,ann\n2,bob\n');
    await table.refresh(later());
    expect(said(table)).toBe(two);
    expect(warnings).toHaveLength(1);
  });

  test('whoever writes no last line end never does', async () => {
    const path = join(temporaryFolder(), 't.ndjson');
    writeFileSync(path, '{"id":1,"name":"ann"}');
    const { table, warnings } = await held(path, { reload: true });
    await table.refresh(later());
    writeFileSync(path, '{"id":1,"name":"ann"}\n{"id":2,"name":"bob"}');
    await table.refresh(later());
    expect([said(table), warnings]).toEqual([two, []]);
  });

  test('an old table that becomes too large stays', async () => {
    const path = join(temporaryFolder(), 't.csv');
    writeFileSync(path, 'id,name\n1,ann\n');
    const { table, warnings } = await held(path, { reload: true, maxSize: 20_000 });
    await table.refresh(later());
    writeFileSync(path, `id,name\n${'1,ann\n'.repeat(3000)}`);
    await table.refresh(later());
    expect(said(table)).toBe(ann);
    expect(warnings[0]).toMatch(/too large to be held in memory.*; the table of before stays$/);
  });
});

describe('a table that is too large', () => {
  test('by the size of its file', async () => {
    const path = join(temporaryFolder(), 't.csv');
    writeFileSync(path, `id,name\n${'1,ann\n'.repeat(1000)}`);
    expect(await read(path, { maxSize: 5000 })).toBe(
      `badData: ${path} is too large to be held in memory: it has 5.9 KiB, and the limit is 4.9 KiB`,
    );
  });

  test('by what it takes in memory, which is told before all of it is read', async () => {
    const path = join(temporaryFolder(), 't.csv');
    writeFileSync(
      path,
      `id,name\n${Array.from({ length: 200_000 }, (_, id) => `${id},name-${id}\n`).join('')}`,
    );
    expect(await read(path, { maxSize: 4 * 1024 ** 2 })).toMatch(
      /^badData: .*t\.csv is too large to be held in memory: it takes about \d+\.\d MiB there, and the limit is 4\.0 MiB$/,
    );
  });

  test('as the rows of a query, whose number nobody knows before', async () => {
    const path = join(temporaryFolder(), 't.db');
    execute(
      path,
      'CREATE TABLE t (id); INSERT INTO t WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT i FROM n',
    );
    expect(await read(`sqlite:${path}`, { maxSize: 200_000 })).toBe(
      `badData: sqlite:${path} is too large to be held in memory: it takes more than 195.3 KiB there, and the limit is 195.3 KiB`,
    );
  });
});

test('it is read once, however many ask at the same time', async () => {
  const path = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const { table } = await held(path, { format: 'csv' });
  const [one, other] = [table.refresh(0), table.refresh(0)];
  execFile('sh', ['-c', `printf 'id,name\\n1,ann\\n' > ${path}`]);
  await one;
  await other;
  expect(table.refresh(0)).toBeUndefined();
  expect(said(table)).toBe('[{"id":1,"name":"ann"}]');
});
