import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLogged, readLoggedAgain } from '../../src/ingest/logged.ts';
import { clearLogs, endOfLog, readLog, syncLogs, WriteAheadLog } from '../../src/state/wal.ts';
import { newFolder, removeFolder, temporaryFolder } from '../helpers/temporary.ts';

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}

function logOf(folder: string, size: number, ...texts: string[]): WriteAheadLog {
  const log = new WriteAheadLog(folder, size);
  for (const text of texts) log.append(Buffer.from(text));
  log.close();
  return log;
}

describe('a log', () => {
  test('is plain bytes in segments that are named by their offsets', () => {
    const folder = temporaryFolder();
    logOf(join(folder, 'stdin'), 4, 'ab\n', 'cd\n', 'e\n');
    expect(readdirSync(join(folder, 'stdin'))).toEqual(['000000000000', '000000000006']);
    expect(readFileSync(join(folder, 'stdin/000000000006'), 'utf8')).toBe('e\n');
  });

  test('property: any pieces, segments and restarts; read from any byte', async () => {
    const pieces = fc.array(fc.string({ minLength: 1, maxLength: 9, unit: 'binary-ascii' }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        pieces,
        pieces,
        fc.integer({ min: 1, max: 20 }),
        fc.nat(100),
        async (one, other, size, at) => {
          const folder = newFolder();
          try {
            logOf(folder, size, ...one);
            const { end } = logOf(folder, size, ...other);
            const all = [...one, ...other].join('');
            expect(end).toBe(all.length);
            const from = Math.min(at, end);
            expect(await textOf(readLog(folder, from, end))).toBe(all.slice(from));
          } finally {
            removeFolder(folder);
          }
        },
      ),
    );
  });

  test('what is not there any more is said', async () => {
    const folder = temporaryFolder();
    logOf(folder, 100, 'abc\n');
    await expect(textOf(readLog(folder, 0, 9))).rejects.toMatchObject({ exit: 'inputOutput' });
  });

  test('segments are removed once all of them lies before where runs begin', () => {
    const folder = temporaryFolder();
    logOf(join(folder, 'stdin'), 4, 'aaaa', 'bbbb', 'cc');
    const left = (offset: number): number => {
      clearLogs(folder, { stdin: { offset } });
      return readdirSync(join(folder, 'stdin')).length;
    };
    expect([3, 4, 7, 8, 10].map(left)).toEqual([3, 2, 2, 1, 1]);
    clearLogs(folder, {});
    const known = new Set<string>();
    syncLogs(folder, known);
    expect(known).toEqual(new Set([join(folder, 'stdin')]));
    expect(logOf(join(folder, 'stdin'), 4).end).toBe(10);
  });

  test.each([
    ['a\nb\nhal', 'a\nb\n'],
    ['a\n', 'a\n'],
    ['hal', ''],
    [`a\n${'x'.repeat(600_000)}`, 'a\n'],
    [`${'x'.repeat(600_000)}\nhal`, `${'x'.repeat(600_000)}\n`],
  ])('a line that was begun is taken away, where nobody was told that it is kept', async (before, after) => {
    const folder = temporaryFolder();
    logOf(folder, 1e9, before);
    const log = new WriteAheadLog(folder);
    log.cutLine();
    expect(log.end).toBe(after.length);
    log.append(Buffer.from('next\n'));
    await log.sync();
    log.close();
    expect(await textOf(readLog(folder, 0, log.end))).toBe(`${after}next\n`);
    expect(endOfLog(folder)).toEqual({ start: 0, end: after.length + 5 });
  });

  test('nothing to sync or to clear where there is none', () => {
    const folder = temporaryFolder();
    syncLogs(join(folder, 'wal'), new Set());
    clearLogs(join(folder, 'wal'), {});
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a source by way of a log', () => {
  const sourceOf = (...texts: string[]) => ({
    name: 'standard input',
    async *read() {
      for (const text of texts) yield Buffer.from(text);
    },
  });
  async function placesOf(wal: string, offset: number, ...texts: string[]): Promise<string[]> {
    const places: string[] = [];
    for await (const { bytes, place } of readLogged(sourceOf(...texts), wal, { offset }))
      places.push(`${place?.offset} ${bytes?.toString()}`);
    return places;
  }

  test('what an earlier run kept and did not come to is read first', async () => {
    const wal = temporaryFolder();
    expect(await placesOf(wal, 0, 'a\nb\n', 'c\n')).toEqual(['0 a\nb\n', '4 c\n']);
    expect(await placesOf(wal, 2, 'd\n')).toEqual(['2 b\nc\n', '6 d\n']);
  });

  test('whoever waits is told when it is on the disk, before it is handed on', async () => {
    const wal = temporaryFolder();
    const told: string[] = [];
    const onKept = (): void => void told.push(readFileSync(join(wal, 'stdin/000000000000'), 'utf8'));
    const chunks = readLogged({ ...sourceOf('a\n', 'b\n'), onKept }, wal, { offset: 0 });
    await chunks.next();
    expect(told).toEqual(['a\n']);
    await chunks.next();
    expect(told).toEqual(['a\n', 'a\nb\n']);
    await chunks.return(undefined);
  });

  test('each input is for itself: what a crash left of a line is not put together with the next one', async () => {
    const wal = temporaryFolder();
    mkdirSync(join(wal, 'stdin'));
    writeFileSync(join(wal, 'stdin/000000000000'), 'a\nhal');
    expect(await placesOf(wal, 2, 'b')).toEqual(['2 hal\n', '6 b', '7 \n']);
    const again: string[] = [];
    for await (const { bytes } of readLoggedAgain('stdin', wal, { offset: 2 }, 6)) again.push(String(bytes));
    expect(again).toEqual(['hal\n']);
  });
});
