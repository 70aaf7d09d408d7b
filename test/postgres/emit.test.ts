// `emit postgres://…` as a process: what a user types, who is let in, what is wrong with a table; killed at its commits.
import { appendFileSync, chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runShell, type ShellResult } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { user } from './cluster.js';
import { describeWithPostgres } from './with-postgres.ts';

const words = `printf 'a b\\na\\n' | sluice ingest | sluice batch --once | sluice reduce --words`;

describeWithPostgres('emit postgres://', (cluster) => {
  const emit = (
    options: string,
    environment = {},
    address = cluster().address,
    rows = words,
  ): Promise<ShellResult> =>
    runShell(`${rows} | sluice emit ${address} ${options}; echo $?`, { environment });
  const asAlice = (): string => cluster().address.replace('postgres@', `${user.name}@`);

  test('a table is made, and added to', async () => {
    for (const count of ['2', '4']) {
      expect(await emit('--table status')).toMatchObject({ stdout: '0\n', stderr: '' });
      expect(await cluster().query('SELECT count(*) FROM status')).toEqual([[count]]);
    }
    expect(
      await cluster().query('SELECT word, count, pg_typeof(word), pg_typeof(count) FROM status LIMIT 1'),
    ).toEqual([['a', '2', 'text', 'bigint']]);
  });

  test('types follow from the rows, and edges of windows are times', async () => {
    const row =
      '{"n":1,"count":1,"distinct(u)":1,"count if n>1":1,"r":2.5,"t":"x","b":true,"l":[1,{"a":2}],"z":null,"h":18446744073709551616}';
    const head = '"v":1,"batch":0,"part":0,"last":true,"n":1';
    const line = `echo '{${head},"window":{"start":0,"end":1500},"records":[${row}]}' | sluice emit ${cluster().address} --table types; echo $?`;
    expect((await runShell(line)).stdout).toBe('74\n');
    expect(await cluster().query('SELECT n, count, "distinct(u)", "count if n>1" FROM types')).toEqual([
      ['1', '1', '1', '1'],
    ]);
    expect(
      await cluster().query("SELECT n, r, t, b, l, z, h, window_end AT TIME ZONE 'UTC' FROM types"),
    ).toEqual([
      ['1', '2.5', 'x', 't', '[1, {"a": 2}]', null, '18446744073709551616', '1970-01-01 00:00:01.5'],
    ]);
    const types = `SELECT string_agg(format_type(atttypid, -1), ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'types'::regclass AND attnum > 2`;
    expect(await cluster().query(types)).toEqual([
      ['numeric bigint bigint bigint numeric text boolean jsonb text numeric'],
    ]);
  });

  test('an average that begins with whole numbers, also in a job that keeps state', async () => {
    const folder = temporaryFolder();
    const line = `cd ${folder}; sluice ingest --format json --state st in.ndjson | sluice batch --records 2 | sluice reduce 'avg(p)' |
      sluice emit ${cluster().address} --table averages`;
    for (const rows of ['{"p":2}\n{"p":4}\n', '{"p":1}\n{"p":2}\n']) {
      appendFileSync(join(folder, 'in.ndjson'), rows);
      expect(await runShell(line)).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
    }
    expect(await cluster().query('SELECT "avg(p)" FROM averages ORDER BY 1')).toEqual([['1.5'], ['3']]);
  });

  test('texts stay texts in columns of JSON, few and many; integers are never rounded', async () => {
    await cluster().query('CREATE TABLE odd (a jsonb, b json, c real)');
    const into = (rows: string): Promise<ShellResult> =>
      runShell(
        `${rows} | sluice ingest --format json | sluice batch --once | sluice emit ${cluster().address} --table odd; echo $?`,
      );
    const texts = `printf '%s\\n' '{"a":"null","b":"12"}' '{"a":"no \\"JSON\\"","b":{"a":[true]}}' '{"a":12,"b":null}'`;
    expect(await into(texts)).toMatchObject({ stdout: '0\n', stderr: '' });
    expect(await cluster().query('SELECT jsonb_typeof(a), a, b FROM odd')).toEqual([
      ['string', '"null"', '"12"'],
      ['string', '"no \\"JSON\\""', '{"a":[true]}'],
      ['number', '12', null],
    ]);
    await cluster().query('TRUNCATE odd');
    expect(await into(`yes '{"a":"true","b":"x"}' | head -2000`)).toMatchObject({ stdout: '0\n' });
    expect(await cluster().query('SELECT DISTINCT jsonb_typeof(a), json_typeof(b) FROM odd')).toEqual([
      ['string', 'string'],
    ]);
    const { stdout, stderr } = await into(`echo '{"c":9007199254740993}'`);
    expect(stdout).toBe('65\n');
    expect(stderr).toContain("column 'c' is of type real, which cannot hold 9007199254740993");
  });

  test('text with NUL is refused and its column named, in few rows and in many', async () => {
    await cluster().query('CREATE TABLE nuls (n int, s text, j jsonb)');
    for (const [row, said] of [
      [
        { n: 1, s: 'a\0b' },
        `column 's' cannot hold "a\\u0000b": PostgreSQL has no text with NUL in it\n  hint: `,
      ],
      [{ n: 1, j: { a: '\0' } }, 'COPY nuls, line 1, column j'],
    ] as const)
      for (const count of [1, 2000]) {
        const rows = `yes '${JSON.stringify(row)}' | head -${count} | sluice ingest --format json | sluice batch --once`;
        const { stdout, stderr } = await emit('--table nuls', {}, cluster().address, rows);
        expect({ stdout, stderr }).toEqual({ stdout: '65\n', stderr: expect.stringContaining(said) });
      }
    const rows = `(yes '{"n":1,"s":"a"}' | head -5000; echo '{"n":1,"s":"b\\u0000"}') | sluice ingest --format json | sluice batch --once`;
    expect((await emit('--table nuls', {}, cluster().address, rows)).stderr).toContain(
      `column 's' cannot hold "b\\u0000"`,
    );
    expect(await cluster().query('SELECT count(*) FROM nuls')).toEqual([['0']]);
  });

  test('--mode upsert and --mode replace; a schema in front of the table', async () => {
    await cluster().query('CREATE SCHEMA reports');
    const upsert = '--table reports.words --mode upsert --key word';
    for (const options of [
      upsert,
      upsert,
      '--table replaced --mode replace',
      '--table replaced --mode replace',
    ])
      expect(await emit(options)).toMatchObject({ stdout: '0\n', stderr: '' });
    for (const table of ['reports.words', 'replaced'])
      expect(await cluster().query(`SELECT word, count FROM ${table} ORDER BY word`)).toEqual([
        ['a', '2'],
        ['b', '1'],
      ]);
  });

  describe('a password', () => {
    beforeAll(() =>
      cluster()
        .query(`GRANT ALL ON SCHEMA public TO ${user.name}`)
        .then(() => undefined),
    );

    test('in a file, in PGPASSWORD, in the file that psql reads', async () => {
      const folder = temporaryFolder();
      const [file, passFile] = [join(folder, 'password'), join(folder, 'pgpass')];
      writeFileSync(file, `${user.password}\n`);
      const escaped = user.password.replaceAll(/[:\\]/g, '\\$&');
      writeFileSync(
        passFile,
        `# a comment\nelsewhere:*:*:${user.name}:wrong\n127.0.0.1:${cluster().port}:*:${user.name}:${escaped}\n`,
      );
      chmodSync(passFile, 0o600);
      for (const [options, environment] of [
        [`--password-file ${file}`, {}],
        ['', { PGPASSWORD: user.password }],
        ['', { PGPASSFILE: passFile }],
      ] as const)
        expect(await emit(`--table login ${options}`, environment, asAlice())).toMatchObject({
          stdout: '0\n',
          stderr: '',
        });
      expect(await cluster().query('SELECT count(*) FROM login')).toEqual([['6']]);
    });

    test.for([
      [
        'none',
        '',
        {},
        /^77\n/,
        /asks for the password of alice, and there is none\n {2}hint: put it in a file/,
      ],
      [
        'a wrong one',
        '',
        { PGPASSWORD: 'wrong' },
        /^77\n/,
        /does not let alice in: password authentication failed/,
      ],
      ['a file that is not there', '--password-file none', {}, /^66\n/, /none: no such file/],
    ] as const)('%s', async ([, options, environment, exit, said]) => {
      const { stdout, stderr } = await emit(`--table login ${options}`, environment, asAlice());
      expect(stdout).toMatch(exit);
      expect(stderr).toMatch(said);
    });

    test('in a file that others can read is not used', async () => {
      const passFile = join(temporaryFolder(), 'pgpass');
      writeFileSync(passFile, `*:*:*:*:${user.password}\n`);
      chmodSync(passFile, 0o644);
      const { stdout, stderr } = await emit('--table login', { PGPASSFILE: passFile }, asAlice());
      expect(stdout).toBe('77\n');
      expect(stderr).toContain(
        `others can read ${passFile}, so no password is taken from it\n  hint: chmod 600`,
      );
    });
  });

  test.for([
    [
      'no such database',
      '/postgres',
      '/none',
      '--table t',
      '69',
      /database "none" does not exist\n {2}hint: make it: createdb none/,
    ],
    [
      'no such role',
      'postgres@',
      'nobody@',
      '--table t',
      '77',
      /does not let nobody in: role "nobody" does not exist/,
    ],
    [
      'a rule against it',
      'postgres@',
      'guest@',
      '--table t',
      '77',
      /does not let guest in: .*\n {2}hint: where it wants TLS, add \?sslmode=require/,
    ],
    ['no such schema', '', '', '--table none.t', '65', /schema "none" does not exist/],
    [
      'no TLS',
      '/postgres',
      '/postgres?sslmode=require',
      '--table t',
      '69',
      /does not support SSL connections\n {2}hint: leave sslmode out/,
    ],
  ] as const)('%s', async ([, part, other, options, exit, said]) => {
    const { stdout, stderr } = await emit(
      options,
      {},
      `'${cluster().address.replace(new RegExp(`${part}$|${part}(?=127)`), other)}'`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: `${exit}\n`, stderr: expect.stringMatching(said) });
  });

  test('nobody listens: a typo does not take a minute', async () => {
    const { stdout, stderr, milliseconds } = await emit(
      '--table t --patience 500ms',
      {},
      'postgres://me@127.0.0.1:1/db',
    );
    expect(stdout).toBe('69\n');
    expect(stderr).toMatch(
      /^sluice emit: cannot reach postgres:\/\/me@127\.0\.0\.1:1\/db: .*ECONNREFUSED.*\n {2}hint: is it running/,
    );
    expect(milliseconds).toBeLessThan(40_000);
  });

  test('rights that are missing, and what a column cannot hold', async () => {
    await cluster().query(
      `CREATE TABLE mine (word text, count int CHECK (count < 2)); CREATE TABLE texts (word int, count int); CREATE TABLE narrow (word text);
      CREATE TABLE whole (word text, "avg(ms)" int); CREATE SCHEMA kept; CREATE TABLE kept.narrow (word text)`,
    );
    const password = { PGPASSWORD: user.password };
    for (const [options, environment, address, exit, said, rows] of [
      [
        '--table mine',
        password,
        asAlice(),
        '77',
        /permission denied for table mine\n {2}hint: alice needs the right: GRANT … TO alice/,
      ],
      [
        '--table mine',
        {},
        cluster().address,
        '65',
        /does not take the rows: .* violates check constraint "mine_count_check" \(.*\(a, 2\)/,
      ],
      [
        '--table texts',
        {},
        cluster().address,
        '65',
        /does not take the rows: invalid input syntax for type integer: "a" \(COPY texts, line 1, column word: "a"\)/,
      ],
      [
        '--table whole',
        {},
        cluster().address,
        '65',
        /invalid input syntax for type integer: "1.5" \(COPY whole, line 1, column avg\(ms\): "1.5"\)\n.*ALTER TABLE … ALTER COLUMN "avg\(ms\)" TYPE numeric/,
        `echo '{"word":"a","avg(ms)":1.5}' | sluice ingest --format json | sluice batch --once`,
      ],
      ['--table narrow', {}, cluster().address, '65', /table 'narrow' of .* has no column 'count'/],
      [
        '--table kept.narrow',
        {},
        cluster().address,
        '65',
        /table 'kept.narrow' of .* has no column 'count'\n.*ALTER TABLE "kept"."narrow" ADD COLUMN "count" bigint\n/,
      ],
    ] as const) {
      const { stdout, stderr } = await emit(options, environment, address, rows);
      expect({ stdout, stderr }).toEqual({ stdout: `${exit}\n`, stderr: expect.stringMatching(said) });
    }
    for (const table of ['mine', 'texts', 'narrow'])
      expect(await cluster().query(`SELECT count(*) FROM ${table}`)).toEqual([['0']]);
  });

  test.for([
    'rows-inserted',
    'rows-inserted#2',
    'database-committed',
    'database-committed#2',
    'written',
    'renamed#2',
  ])('kill -9 at %s: the next run has each batch once', async (point) => {
    const folder = temporaryFolder();
    const table = point.replaceAll(/\W/g, '_');
    const lines = Array.from({ length: 3000 }, (_, index) => `${index}`);
    writeFileSync(join(folder, 'in.txt'), `${lines.join('\n')}\n`);
    const line = `cd ${folder}; sluice ingest --state st in.txt | sluice batch --records 20 | sluice emit ${cluster().address} --table ${table}`;
    const dies = await runShell(line.replace('sluice emit', `SLUICE_FAULT=${point} sluice emit`));
    expect(dies.exits.at(-1)).toBe(137);
    expect(await runShell(line)).toMatchObject({ exits: [0, 0, 0], stderr: '' });
    const counted = `SELECT count(*), count(DISTINCT record), sum(record::int) FROM ${table}`;
    expect(await cluster().query(counted)).toEqual([['3000', '3000', '4498500']]);
  });
});

describeWithPostgres(
  'emit postgres:// with TLS',
  (cluster) => {
    test('as sslmode says; and by a socket', async () => {
      await cluster().query('CREATE ROLE guest LOGIN; GRANT ALL ON SCHEMA public TO guest');
      const address = cluster().address.replace('postgres@', 'guest@');
      const root = cluster().certificate ?? '';
      for (const [parameters, exit, said] of [
        ['?sslmode=require', '0', /^$/],
        [`?sslmode=verify-full&sslrootcert=${root}`, '0', /^$/],
        ['?sslmode=verify-full', '69', /self-signed certificate/],
        ['', '77', /does not let guest in: .*\n {2}hint: where it wants TLS, add \?sslmode=require/],
      ] as const) {
        const { stdout, stderr } = await runShell(
          `${words} | sluice emit '${address}${parameters}' --table t; echo $?`,
        );
        expect({ parameters, stdout, stderr }).toEqual({
          parameters,
          stdout: `${exit}\n`,
          stderr: expect.stringMatching(said),
        });
      }
      const bySocket = `postgres://postgres@/postgres?host=${cluster().folder}`;
      const environment = { PGPORT: String(cluster().port) };
      const line = `${words} | sluice emit '${bySocket}' --table t; echo $?`;
      expect(await runShell(line, { environment })).toMatchObject({ stdout: '0\n', stderr: '' });
      expect(await cluster().query('SELECT count(*) FROM t')).toEqual([['6']]);
    });
  },
  { hasTls: true },
);
