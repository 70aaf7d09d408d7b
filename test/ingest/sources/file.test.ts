import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSources } from '../../../src/ingest/read-sources.ts';
import { openSources, operandsOf } from '../../../src/ingest/sources/registry.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sources-'));
  await mkdir(join(folder, 'sub.log'));
  await writeFile(join(folder, 'b.log'), 'b\n');
  await writeFile(join(folder, 'a.log'), 'a');
  await writeFile(join(folder, '.hidden.log'), 'hidden\n');
  await writeFile(join(folder, 'packed.txt'), gzipSync('packed\n'));
  await writeFile(join(folder, 'plain.gz'), 'plain\n');
  await writeFile(join(folder, '[1].txt'), 'brackets\n');
  await writeFile(join(folder, 'empty'), '');
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

async function read(...names: string[]): Promise<[string, string][]> {
  const sources = await openSources(operandsOf(names.map(at)));
  const texts = new Map(sources.map(({ name }) => [name, '']));
  for await (const { source, bytes } of readSources(sources, new AbortController().signal))
    texts.set(source.name, `${texts.get(source.name)}${bytes?.toString() ?? '|'}`);
  return Array.from(texts, ([name, text]) => [basename(name), text]);
}

describe('openSources', () => {
  test.each([
    {
      name: 'files in the order given',
      operands: ['b.log', 'a.log'],
      read: [
        ['b.log', 'b\n|'],
        ['a.log', 'a|'],
      ],
    },
    {
      name: 'a glob: sorted, no folders, nothing hidden',
      operands: ['*.log'],
      read: [
        ['a.log', 'a|'],
        ['b.log', 'b\n|'],
      ],
    },
    {
      name: 'gzip by its bytes, whatever its name',
      operands: ['packed.txt'],
      read: [['packed.txt', 'packed\n|']],
    },
    { name: 'a wrong .gz is read as it is', operands: ['plain.gz'], read: [['plain.gz', 'plain\n|']] },
    { name: 'a name that looks like a glob', operands: ['[1].txt'], read: [['[1].txt', 'brackets\n|']] },
    { name: 'an empty file', operands: ['empty'], read: [['empty', '|']] },
  ])('$name', async ({ operands, read: expected }) => {
    expect(await read(...operands)).toEqual(expected);
  });

  test.each([
    { name: 'missing', why: 'missing: no such file' },
    { name: 'a.log/b', why: 'a.log/b: no such file' },
    { name: 'sub.log', why: 'sub.log is a directory' },
    { name: '*.csv', why: `no file matches '*.csv'` },
  ])('$why', async ({ name, why }) => {
    const failure = await openSources(operandsOf([at(name)])).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exit: 'noInput' });
    expect((failure as Error).message.replace(`${folder}/`, '')).toBe(why);
  });

  test('all sources are checked before the first is read', async () => {
    await expect(openSources(operandsOf([at('a.log'), at('missing')]))).rejects.toThrow('no such file');
  });

  test('no operand is standard input', async () => {
    expect((await openSources(operandsOf([]))).map(({ name }) => name)).toEqual(['standard input']);
  });

  test('position and size are progress, in bytes of the file', async () => {
    const [source] = await openSources(operandsOf([at('packed.txt')]));
    expect(source).toMatchObject({ position: 0, size: gzipSync('packed\n').length });
    for await (const chunk of source?.read() ?? []) expect(chunk.toString()).toBe('packed\n');
    expect(source?.position).toBe(source?.size);
  });
});

test('a signal ends reading, and what was read of the source is complete', async () => {
  const stop = new AbortController();
  const [source] = await openSources(operandsOf([at('a.log')]));
  if (!source) throw new Error('no source');
  const endless = { ...source, name: 'endless', read: () => repeat(Buffer.from('x')) };
  const seen: string[] = [];
  for await (const { source: from, bytes } of readSources([endless, source], stop.signal)) {
    seen.push(`${from.name}${bytes ? '' : ' ends'}`);
    if (seen.length === 2) stop.abort();
  }
  expect(seen).toEqual(['endless', 'endless', 'endless ends']);
});

async function* repeat(bytes: Buffer): AsyncGenerator<Buffer> {
  for (;;) yield bytes;
}
