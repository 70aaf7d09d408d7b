// Rows → many files: which file a row goes to, whatever is in it, and how files follow one another.
import { decompress } from 'fzstd';
import * as fc from 'fast-check';
import { DuckDBInstance } from '@duckdb/node-api';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as zlib from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EmitSettings } from '../../../src/emit/command.ts';
import type { TableWriter } from '../../../src/emit/emit.ts';
import { Rows } from '../../../src/emit/rows.ts';
import { prepareFile } from '../../../src/emit/sinks/file.ts';
import { parseTemplate } from '../../../src/emit/sinks/files/template.ts';
import { SluiceError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../helpers/temporary.ts';

const { zstdDecompressSync: unzstd } = zlib as unknown as { zstdDecompressSync?: (bytes: Buffer) => Buffer };
const batch = { batch: 0, isWindow: false };
const hour = {
  batch: 0,
  isWindow: false,
  interval: { start: Date.UTC(2026, 2, 1, 5, 7), end: Date.UTC(2026, 2, 1, 5, 8) },
};

function settings(more: Partial<EmitSettings> = {}): EmitSettings {
  return { csvSafe: false, color: 'never', ...more } as EmitSettings;
}

async function open(operand: string, more: Partial<EmitSettings> = {}): Promise<TableWriter> {
  const writer = await (await prepareFile(operand, settings(more))).open(false);
  return writer;
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => relative(folder, join(file.parentPath, file.name))).toSorted();
}

function contentIn(folder: string): Record<string, string> {
  return Object.fromEntries(filesIn(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

async function failure(work: Promise<unknown> | void): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SluiceError) return `${error.exitCode} ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('which file a row goes to', () => {
  const nameOf = (value: unknown): string =>
    parseTemplate('out/{v}.ndjson').pathOf(value === undefined ? {} : ({ v: value } as never), batch);

  test.for([
    ['../../etc/passwd', 'out/%2E.%2F..%2Fetc%2Fpasswd.ndjson'],
    ['..', 'out/%2E..ndjson'],
    ['.', 'out/%2E.ndjson'],
    ['/', 'out/%2F.ndjson'],
    ['a\0b', 'out/a%00b.ndjson'],
    ['a b', 'out/a%20b.ndjson'],
    ['C:\\x', 'out/C%3A%5Cx.ndjson'],
    ['50%', 'out/50%25.ndjson'],
    ['naïve 表', 'out/naïve%20表.ndjson'],
    ['{v}', 'out/%7Bv%7D.ndjson'],
    [404, 'out/404.ndjson'],
    [true, 'out/true.ndjson'],
    [null, 'out/_null.ndjson'],
    [undefined, 'out/_null.ndjson'],
    ['', 'out/_empty.ndjson'],
    ['_null', 'out/%5Fnull.ndjson'],
    ['\u001b[2J', 'out/%1B[2J.ndjson'],
  ] as const)('%j', ([value, path]) => {
    expect(nameOf(value)).toBe(path);
  });

  test('a name of 300 characters is cut, and still its own', () => {
    const [one, other] = [nameOf(`${'ü'.repeat(300)}a`), nameOf(`${'ü'.repeat(300)}b`)];
    expect(one).toMatch(/^out\/ü{50,}~[0-9a-f]{16}\.ndjson$/);
    expect(one).not.toBe(other);
    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(200);
  });

  test('any values: inside of the root, one segment each, others for others', () => {
    const value = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(value, value, (one, other) => {
        const template = parseTemplate('root/{a}/x{b}.csv');
        const path = template.pathOf({ a: one, b: other }, batch);
        const inside = relative(resolve('root'), resolve(path));
        expect(inside.split('/')).toHaveLength(2);
        expect(inside).not.toMatch(/^\.\.|\0/);
        expect(path).toMatch(/\.csv$/);
        for (const name of path.split('/')) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
        const wellFormed = (text: string): string => Buffer.from(text).toString();
        if (wellFormed(one) !== wellFormed(other))
          expect(template.pathOf({ a: other, b: one }, batch)).not.toBe(path);
      }),
    );
  });

  test('times of the batch, of the window, and of a column', () => {
    const template = parseTemplate('out/{date}/{hour}-{minute}/{date:at}.csv');
    expect(template.pathOf({ at: '2025-12-31T23:59:59Z' }, hour)).toBe('out/2026-03-01/05-07/2025-12-31.csv');
    expect(() => template.pathOf({ at: 'never' }, hour)).toThrow('a row cannot be put into out/');
    expect(() => parseTemplate('{date}.csv').pathOf({}, batch)).toThrow('its batch has no interval of time');
  });

  test.for([
    ['out/{}.csv', 'nothing between braces'],
    ['out/{a.csv', 'a brace is not closed'],
    ['out/a}.csv', 'a brace is not closed'],
  ] as const)('%s is no template', ([text, message]) => {
    expect(() => parseTemplate(text)).toThrow(message);
  });
});

test('files are there once the stream has ended well, and not before', async () => {
  const folder = temporaryFolder();
  const writer = await open(`file:${folder}/{date}/{s}.csv`);
  await writer.write(Rows.of(['{"s":"a","n":1}', '{"s":"b","n":2}', '{"s":"a","n":3}']), hour, true, true);
  expect(filesIn(folder)).toEqual([]);
  await writer.close('ok');
  expect(contentIn(folder)).toEqual({
    '2026-03-01/a.csv': 's,n\na,1\na,3\n',
    '2026-03-01/b.csv': 's,n\nb,2\n',
  });
  const failing = await open(`file:${folder}/{date}/{s}.csv`);
  await failing.write(Rows.of(['{"s":"c","n":1}']), hour, true, true);
  await failing.close('failed');
  expect(filesIn(folder)).toEqual(['2026-03-01/a.csv', '2026-03-01/b.csv']);
});

test('hostile values make no file outside (fault 20)', async () => {
  const folder = temporaryFolder();
  const root = join(folder, 'root');
  const values = [
    '../../x',
    '..',
    '.',
    '/etc/passwd',
    'a\0b',
    'y'.repeat(300),
    '\n',
    '-rf',
    '~',
    '$(touch z)',
  ];
  const writer = await open(`file:${root}/{v}/{v}.ndjson`);
  await writer.write(Rows.of(values.map((v) => JSON.stringify({ v }))), batch, true, true);
  await writer.close('ok');
  expect(readdirSync(folder)).toEqual(['root']);
  expect(filesIn(root)).toHaveLength(values.length);
});

test('more files than may be open, and more rows than are held', async () => {
  const folder = temporaryFolder();
  const writer = await open(`file:${folder}/{k}.ndjson`);
  const text = 'x'.repeat(1000);
  for (let round = 0; round < 10; round += 1)
    await writer.write(
      Rows.of(Array.from({ length: 3000 }, (_, k) => JSON.stringify({ k, round, text }))),
      batch,
      true,
      true,
    );
  await writer.close('ok');
  const content = contentIn(folder);
  expect(Object.keys(content)).toHaveLength(3000);
  const rounds = Array.from({ length: 10 }, (_, round) => `${JSON.stringify({ k: 7, round, text })}\n`);
  expect(content['7.ndjson']).toBe(rounds.join(''));
});

test('files follow one another by size, and never replace one', async () => {
  const folder = temporaryFolder();
  const row = (n: number): Rows => Rows.of([JSON.stringify({ k: 'a', n, text: 'x'.repeat(100) })]);
  for (let run = 0; run < 2; run += 1) {
    const writer = await open(`file:${folder}/{k}.csv`, { rotateSize: 250 });
    for (let n = 0; n < 4; n += 1) await writer.write(row(n), batch, true, true);
    // What is full is there already.
    expect(filesIn(folder)).toHaveLength(2 * run + 1);
    await writer.close('ok');
  }
  expect(filesIn(folder)).toEqual(['a-0001.csv', 'a-0002.csv', 'a-0003.csv', 'a-0004.csv']);
  for (const text of Object.values(contentIn(folder))) expect(text).toMatch(/^k,n,text\n(a,\d,x+\n){1,3}$/);
});

test('files follow one another by age', async () => {
  const folder = temporaryFolder();
  const writer = await open(`${folder}/r.ndjson`, { rotateAge: 50 });
  await writer.write(Rows.of(['1']), batch, true, true);
  await expect
    .poll(async () => {
      await writer.write(Rows.none, batch, true, true);
      return filesIn(folder);
    })
    .toEqual(['r-0001.ndjson']);
  await writer.write(Rows.of(['2']), batch, true, true);
  await writer.close('ok');
  expect(contentIn(folder)).toEqual({ 'r-0001.ndjson': '1\n', 'r-0002.ndjson': '2\n' });
});

describe('packed', () => {
  test('gzip, in pieces that are one to who reads it', async () => {
    const folder = temporaryFolder();
    const writer = await open(`${folder}/r.ndjson.gz`);
    const rows = Array.from({ length: 30_000 }, (_, n) => JSON.stringify({ n, text: 'x'.repeat(60) }));
    await writer.write(Rows.of(rows), batch, true, true);
    await writer.close('ok');
    expect(gunzipSync(readFileSync(join(folder, 'r.ndjson.gz'))).toString()).toBe(`${rows.join('\n')}\n`);
  });

  test('zstd where Node has it, and a clear word where not', async () => {
    const folder = temporaryFolder();
    if (!unzstd) {
      expect(await failure(open(`${folder}/r.ndjson.zst`))).toMatch(/^2 .* cannot write zstd/);
      return;
    }
    const writer = await open(`${folder}/r.ndjson.zst`);
    await writer.write(Rows.of(['1', '2']), batch, true, true);
    await writer.close('ok');
    expect(unzstd(readFileSync(join(folder, 'r.ndjson.zst'))).toString()).toBe('1\n2\n');
  });
});

describe('Parquet', () => {
  async function read(sql: string): Promise<unknown[]> {
    const instance = await DuckDBInstance.create();
    onTestFinished(() => instance.closeSync());
    return (await (await instance.connect()).runAndReadAll(sql)).getRowsJson();
  }

  test('columns of all types, as DuckDB reads them', async () => {
    const folder = temporaryFolder();
    const writer = await open(`file:${folder}/{t}.parquet`);
    const row =
      '{"n":1,"count":1,"r":2.5,"t":"ü","b":true,"l":[1,{"a":2}],"z":null,"big":9007199254740993,"h":18446744073709551616}';
    const window = { ...hour, isWindow: true };
    await writer.write(Rows.of([row, '{"r":1,"t":"ü"}']), window, true, true);
    await writer.close('ok');
    const columns = "n, count, r, t, b, l, z, big, h, strftime(window_start, '%H:%M')";
    expect(await read(`SELECT ${columns} FROM '${folder}/ü.parquet'`)).toEqual([
      [1, '1', 2.5, 'ü', true, '[1,{"a":2}]', null, '9007199254740993', '18446744073709551616', '05:07'],
      [null, null, 1, 'ü', null, null, null, null, null, '05:07'],
    ]);
  });

  test('more rows than are held', async () => {
    const folder = temporaryFolder();
    const writer = await open(`${folder}/r.parquet`);
    for (let part = 0; part < 20; part += 1) {
      const rows = Array.from({ length: 5000 }, (_, n) => `{"n":${part * 5000 + n},"text":"text ${n}"}`);
      await writer.write(Rows.of(rows), batch, true, true);
    }
    await writer.close('ok');
    expect(await read(`SELECT count(*), sum(n), count(DISTINCT text) FROM '${folder}/r.parquet'`)).toEqual([
      ['100000', 4999950000, '5000'],
    ]);
  });

  test('fractions where whole numbers came first, for long', async () => {
    const folder = temporaryFolder();
    const writer = await open(`${folder}/r.parquet`);
    const whole = Array.from(
      { length: 40_000 },
      (_, n) => `{"k":"key ${n}","avg(p)":2,"count":${n},"id":9007199254740993}`,
    );
    await writer.write(Rows.of(whole), batch, true, true);
    await writer.write(Rows.of(['{"k":"x","avg(p)":1.5,"count":7,"id":2}']), batch, true, true);
    await writer.close('ok');
    const columns = 'min("avg(p)"), max("avg(p)"), max(count), min(id), max(id)';
    expect(await read(`SELECT ${columns} FROM '${folder}/r.parquet'`)).toEqual([
      [1.5, 2, '39999', '2', '9007199254740993'],
    ]);
  });

  test.for([
    ['a value of another type', '{"n":"x"}', '65 column \'n\' is of type DOUBLE, which cannot hold "x"'],
    ['another column', '{"m":1}', "65 column 'm' is not among those of the first rows"],
  ] as const)('%s is refused', async ([, row, message]) => {
    const folder = temporaryFolder();
    const writer = await open(`${folder}/r.parquet`);
    await writer.write(Rows.of(['{"n":1}']), batch, true, true);
    const writing = async (): Promise<void> => {
      await writer.write(Rows.of([row]), batch, true, true);
      await writer.close('ok');
    };
    expect(await failure(writing())).toContain(message);
    await writer.close('failed');
    expect(filesIn(folder)).toEqual([]);
  });

  test('does not grow, so a job that keeps state cannot have it', async () => {
    const writer = await open(`${temporaryFolder()}/r.parquet`);
    const from = { job: 'j', committed: undefined, kept: undefined };
    expect(await failure(writer.resume?.(from) ?? Promise.resolve())).toMatch(/^2 .*r\.parquet cannot grow/);
  });
});

describe('a job that keeps state', () => {
  const rows = (...keys: string[]): Rows => Rows.of(keys.map((k) => JSON.stringify({ k, n: 1 })));

  test.for(['csv', 'csv.gz', 'ndjson', 'tsv', ...(unzstd ? ['csv.zst'] : [])])(
    'what a crash left behind the last commit is taken back: .%s',
    async (ending) => {
      const folder = temporaryFolder();
      const operand = `file:${folder}/out/{k}.${ending}`;
      const from = { job: 'j', committed: undefined, kept: undefined };
      const first = await open(operand);
      await first.resume?.(from);
      await first.write(rows('a', 'b'), batch, true, true);
      const kept = await first.commit?.(0, {});
      await first.write(rows('a', 'c'), batch, true, true);
      // The files have more than the job knows: as if it had died on its way out of the commit.
      await first.commit?.(1, {});
      const second = await open(operand);
      expect(await second.resume?.({ job: 'j', committed: 0, kept })).toBe(0);
      expect(filesIn(folder).filter((name) => !name.includes('undo'))).toEqual([
        `out/a.${ending}`,
        `out/b.${ending}`,
      ]);
      await second.write(rows('a', 'd'), batch, true, true);
      await second.commit?.(1, {});
      await second.close('ok');
      const between = ending === 'tsv' ? '\t' : ',';
      const line = (k: string): string =>
        ending === 'ndjson' ? `{"k":"${k}","n":1}\n` : `${k}${between}1\n`;
      const heading = ending === 'ndjson' ? '' : `k${between}n\n`;
      const expected = { a: heading + line('a') + line('a'), b: heading + line('b'), d: heading + line('d') };
      // Node's own reads the first frame only.
      const unpackFrames = (bytes: Buffer): Buffer => Buffer.from(decompress(bytes));
      const unpack = ending.endsWith('gz') ? gunzipSync : ending.endsWith('zst') ? unpackFrames : undefined;
      const found = filesIn(folder).map((path) => {
        const bytes = readFileSync(join(folder, path));
        return [path.slice('out/'.length, -ending.length - 1), (unpack?.(bytes) ?? bytes).toString()];
      });
      expect(Object.fromEntries(found)).toEqual(expected);
    },
  );

  test('what a stream that failed has written since the last commit is taken back', async () => {
    const folder = temporaryFolder();
    const writer = await open(`file:${folder}/{k}.ndjson`);
    await writer.resume?.({ job: 'j', committed: undefined, kept: undefined });
    await writer.write(rows('a'), batch, true, true);
    await writer.commit?.(0, {});
    const many = Array.from({ length: 40_000 }, (_, n) =>
      JSON.stringify({ k: 'a', n, text: 'x'.repeat(40) }),
    );
    await writer.write(Rows.of(many), batch, true, false);
    await writer.close('failed');
    expect(contentIn(folder)).toEqual({ 'a.ndjson': '{"k":"a","n":1}\n' });
  });
});

test('what cannot be made or written', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const writer = await open(`file:${folder}/file/{k}.csv`);
  expect(await failure(writer.write(Rows.of(['{"k":1}']), batch, true, true))).toMatch(
    /^73 cannot write to .*file\/1\.csv/,
  );
  await writer.close('failed');
  expect(await failure(open(`file:${folder}/{k}`))).toMatch(/^2 in which format is /);
  mkdirSync(join(folder, 'gone'));
  const late = await open(`file:${folder}/gone/{k}.csv`);
  await late.write(Rows.of(['{"k":1}']), batch, true, true);
  rmSync(join(folder, 'gone'), { recursive: true });
  expect(await failure(late.close('ok'))).toMatch(/^74 cannot write to .*gone\/1\.csv/);
});

test.for([
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-2+3', "'-2+3"],
  ['+cmd', "'+cmd"],
  ['\tx', "'\tx"],
  ['-5', '-5'],
  ['+49', '+49'],
  ['-1.5e3', '-1.5e3'],
  ['a=1', 'a=1'],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
] as const)('--csv-safe writes %j as %s (fault 35)', async ([value, cell]) => {
  const folder = temporaryFolder();
  const writer = await open(`${folder}/r.csv`, { csvSafe: true });
  const rows = Array.from({ length: 1000 }, () => JSON.stringify({ '=v': value, n: -1 }));
  await writer.write(Rows.of(rows), batch, true, true);
  await writer.close('ok');
  const lines = readFileSync(join(folder, 'r.csv'), 'utf8').split('\n');
  expect(lines[0]).toBe("'=v,n");
  expect(new Set(lines.slice(1, -1))).toEqual(new Set([`${cell},-1`]));
});
