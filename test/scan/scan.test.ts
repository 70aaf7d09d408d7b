// Files read by this thread and by worker threads at once. They run the built worker, so build first.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { endEnvelope } from '../../src/envelope/envelope.ts';
import { SluiceError } from '../../src/errors.ts';
import { Executor } from '../../src/executor/executor.ts';
import type { Parcel } from '../../src/executor/pool.ts';
import type { FormatOptions } from '../../src/ingest/formats/registry.ts';
import { kernelFieldsOf } from '../../src/reduce/kernel-fields.ts';
import { planFrom, type ReducePlan } from '../../src/reduce/plan.ts';
import { PieceQueue } from '../../src/scan/ranges.ts';
import { readRanges, scanPieces, type ScanPieces } from '../../src/scan/scan-ranges.ts';
import { Scan, type ScanInput, type ScanSettings, type SkippedLines } from '../../src/scan/scan.ts';
import { passThrough, type Core } from '../../src/stage/core.ts';
import type { PlainFile, SourceChunk } from '../../src/stage/stage.ts';
import { ready } from '../helpers/envelopes.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-scan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plan = planFrom({ by: [], words: true, partial: false }, []) as ReducePlan;

function file(name: string, text: string): PlainFile {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { path, size: Buffer.byteLength(text) };
}

async function* noBytes(): AsyncGenerator<Buffer> {}

async function scan(
  files: readonly PlainFile[],
  workers: number,
  stop: AbortSignal = new AbortController().signal,
  runTask?: Executor['run'],
  { reduced, format, skipped }: { reduced: ReducePlan; format: FormatOptions; skipped?: SkippedLines } = {
    reduced: plan,
    format: { format: 'lines' },
  },
): Promise<{ rows: string; bytes: number; tasks: number }> {
  const fields = kernelFieldsOf(reduced);
  const executorSettings = { workers, taskTimeout: 60_000 };
  const executor = new Executor(executorSettings);
  const run = vi.spyOn(executor, 'run');
  if (runTask) run.mockImplementation(runTask);
  const settings: ScanSettings = {
    files,
    maxRecord: 1024,
    format,
    skipped,
    reductions: [
      {
        plan: reduced,
        ...(fields && { fields }),
        rows: { partSize: 1024 * 1024, caveats: new Set<string>() },
        executor: executorSettings,
        stops: true,
      },
    ],
    executor,
    read: () => {
      throw new Error('nothing here is for the stages');
    },
  };
  const reading = new Scan(settings, passThrough as unknown as Core<SourceChunk>);
  const input = reading.read(stop);
  let bytes = 0;
  let ending = endEnvelope('failed');
  try {
    for (;;) {
      const result = await input.next();
      if (result.done) {
        ending = result.value;
        break;
      }
      if ('scanned' in result.value) bytes += result.value.scanned.bytes;
      expect([...reading.accept(result.value, 0)]).toEqual([]);
    }
  } finally {
    await executor.close();
  }
  const out = ready(reading.end(ending, 0));
  return { rows: out.map(({ payload }) => payload.toString()).join(), bytes, tasks: run.mock.calls.length };
}

const words = Array.from(
  { length: 2_500_000 },
  (_, index) => `w${(index * 7919) % 10_007}${index % 9 ? ' ' : '\n'}`,
).join('');

test('any number of workers, the same rows', async () => {
  const files = [file('large', words), file('empty', ''), file('small', 'w1 w1\nlast')];
  const alone = await scan(files, 0);
  const others = [await scan(files, 1), await scan(files, 3)];
  expect(alone.rows).toContain('{"word":"last","count":1}');
  expect(alone.tasks).toBe(0);
  for (const { tasks, ...other } of others) {
    expect(other).toEqual({ rows: alone.rows, bytes: alone.bytes });
    expect(tasks).toBeGreaterThan(0);
  }
});

test('any number of workers, the same rows of a format', async () => {
  const lines = Array.from({ length: 200_000 }, (_, index) => {
    const agent = index % 5000 === 0 ? 'has \\x22quotes\\x22' : 'curl/8.5.0';
    const bytes = index % 9 === 0 ? '-' : `${(index * 7919) % 100_003}`;
    return `10.0.0.${index % 250} - - [10/Oct/2025:00:00:00 +0000] "GET /${index} HTTP/1.1" ${200 + (index % 7)} ${bytes} "-" "${agent}"\r\n`;
  });
  const files = [file('access.log', lines.join('')), file('other.log', lines.slice(0, 10).join(''))];
  const reduced = planFrom({ by: ['status', 'user_agent'], words: false, partial: false }, [
    'count',
    'sum(bytes)',
    'p99(bytes)',
  ]) as ReducePlan;
  const combined = { reduced, format: { format: 'combined', fields: 'status,user_agent,bytes' } };
  const never = new AbortController().signal;
  const alone = await scan(files, 0, never, undefined, combined);
  expect(alone.rows).toContain('{"status":200,"user_agent":"has \\"quotes\\"","count":');
  const { tasks, ...other } = await scan(files, 2, never, undefined, combined);
  expect(other).toEqual({ rows: alone.rows, bytes: alone.bytes });
  expect(tasks).toBeGreaterThan(0);
});

test('lines that are no records are left out and counted, and the first of them is told', async () => {
  const lines = Array.from({ length: 400_000 }, (_, index) =>
    index > 123_456 && index % 1000 === 457
      ? `nothing ${index}\n`
      : `a=${index % 5} text=${'x'.repeat(20)}\n`,
  );
  const files = [file('good.log', 'a=1\n'), file('bad.log', lines.join(''))];
  const reduced = planFrom({ by: ['a'], words: false, partial: false }, ['count']) as ReducePlan;
  const told: unknown[] = [];
  const skipping = {
    reduced,
    format: { format: 'logfmt', fields: 'a' },
    skipped: (count: number, first: object) => told.push({ count, ...first }),
  };
  const never = new AbortController().signal;
  const { rows } = await scan(files, 0, never, undefined, skipping);
  const { rows: others, tasks } = await scan(files, 2, never, undefined, skipping);
  expect(others).toBe(rows);
  expect(tasks).toBeGreaterThan(0);
  const first = { line: 'nothing 123457', reason: 'there is no key=value in it' };
  const expected = { count: 277, ...first, place: `${files[1]?.path}, line 123458` };
  expect(told).toEqual([expected, expected]);
});

test('pieces that a lost worker had taken are read all the same', async () => {
  const files = [file('large', words)];
  /** The first try takes three pieces, comes to mark two of them, and is lost; the second is done. */
  const runTask = async (_: string, input: unknown, pack: (input: unknown) => Parcel): Promise<unknown> => {
    const { shared, owner } = pack(input).content as ScanPieces;
    const lost = new PieceQueue(files, shared);
    for (const mark of [owner, owner, 0]) expect(lost.take(mark)).toBeDefined();
    return scanPieces(pack(input).content as ScanPieces);
  };
  const { rows, bytes, tasks } = await scan(files, 1, undefined, runTask as Executor['run']);
  const alone = await scan(files, 0);
  expect({ rows, bytes }).toEqual({ rows: alone.rows, bytes: alone.bytes });
  expect(tasks).toBe(1);
});

test('a list of ids is read by one thread: merging tables of new keys takes longer than counting them', async () => {
  const ids = Array.from({ length: 1_000_000 }, (_, index) => `${(index * 1e9).toString(36)}\n`);
  const { rows, tasks } = await scan([file('ids', ids.join(''))], 2);
  expect(rows.match(/"count":1\b/g)).toHaveLength(1_000_000);
  expect(tasks).toBe(0);
});

test('a file that vanishes is named', async () => {
  const gone = { path: join(folder, 'gone'), size: 10_000_000 };
  await expect(scan([gone], 0)).rejects.toThrow(`cannot read ${gone.path}: ENOENT`);
  await expect(scan([gone], 1)).rejects.toThrow(`cannot read ${gone.path}: ENOENT`);
});

describe('a task that failed twice', () => {
  /** What the stages are given to read, where they are. */
  async function readWith(stops: boolean): Promise<ScanInput[]> {
    const executor = new Executor({ workers: 1, taskTimeout: 60_000 });
    executor.run = () => Promise.reject(new SluiceError('bug', 'a task failed twice'));
    const settings = { workers: 1, taskTimeout: 60_000 };
    const rows = { partSize: 1024 * 1024, caveats: new Set<string>() };
    const chunk = { source: { name: 'all', position: 0, read: noBytes }, bytes: Buffer.from('a\n') };
    const reading = new Scan(
      {
        files: [file('words', 'a b\n'.repeat(5_000_000))],
        maxRecord: 1024,
        format: { format: 'lines' },
        reductions: [{ plan, rows, executor: settings, stops }],
        executor,
        async *read() {
          yield chunk;
          return endEnvelope('ok');
        },
      },
      passThrough as unknown as Core<SourceChunk>,
    );
    const inputs: ScanInput[] = [];
    const input = reading.read(new AbortController().signal);
    for (let result = await input.next(); !result.done; result = await input.next())
      inputs.push(result.value);
    return inputs;
  }

  test('ends it all where the first error does', async () => {
    await expect(readWith(true)).rejects.toThrow('a task failed twice');
  });

  test('else leaves it to the stages, which do as --on-error says', async () => {
    const [last, before] = (await readWith(false)).toReversed();
    expect(before).toMatchObject({ scanned: { isPlain: false } });
    expect(last).toMatchObject({ bytes: Buffer.from('a\n') });
  });
});

test('stops between two shares', async () => {
  const stop = new AbortController();
  stop.abort();
  expect(await scan([file('unread', 'a b\n')], 0, stop.signal)).toEqual({ rows: ',', bytes: 0, tasks: 0 });
});

test('lines cut at --max-record are counted once, in the range that they begin in', () => {
  const { path, size } = file('long', `one\n${'x'.repeat(300)} four\nlast`);
  const cuts = [0, 2, 100, 250, size];
  const ranges = cuts.slice(1).map((end, index) => ({ path, start: cuts[index] ?? 0, end }));
  const lines: string[] = [];
  const scanned = readRanges(ranges, 100, (some) => lines.push(some.toString()) > 0);
  expect(scanned).toEqual({ bytes: size, cut: 1, isPlain: true });
  expect(lines.join('')).toBe(`one\n${'x'.repeat(100)}\nlast\n`);
});

test.each([
  ['\uFEFF', ''],
  ['\uFEFF\n', '\n'],
  ['\uFEFFa', 'a\n'],
  ['a\n\uFEFF', 'a\n\uFEFF\n'],
])(
  'a byte order mark in front of a file is no part of a line, nor a line by itself: %j',
  (text, expected) => {
    const { path, size } = file('mark', text);
    const lines: string[] = [];
    readRanges([{ path, start: 0, end: size }], 100, (some) => lines.push(some.toString()) > 0);
    expect(lines.join('')).toBe(expected);
  },
);
