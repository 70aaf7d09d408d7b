import { describe, expect, test } from 'vitest';
import { defaultPartSize } from '../../src/envelope/parts.ts';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { formatFrom } from '../../src/ingest/formats/registry.ts';
import { IngestCore } from '../../src/ingest/ingest.ts';
import type { SourceChunk } from '../../src/stage/stage.ts';
import type { Source } from '../../src/ingest/sources/source.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

function sourceOf(name: string, size?: number): Source & { position: number } {
  const read = async function* (): AsyncGenerator<Buffer> {};
  return { name, position: 0, read, ...(size !== undefined && { size }) };
}

function coreOf(sources: readonly Source[], format = 'lines', maxRecord = 100): IngestCore {
  const settings = { rejects: failOnReject, sources, maxRecord, startedAt: 1000 };
  return new IngestCore({ ...settings, format: formatFrom({ format }, failOnReject) });
}

function chunksOf(source: Source, ...texts: string[]): SourceChunk[] {
  return [...texts.map((text) => ({ source, bytes: Buffer.from(text) })), { source }];
}

const [first, second] = [sourceOf('first'), sourceOf('second')];

describe('blocks', () => {
  test('a last line without newline ends with its source', () => {
    const inputs = [...chunksOf(first, 'a\nb'), ...chunksOf(second, 'c\n', 'd')];
    expect(recordsOf(runAll(coreOf([first, second]), inputs))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('in a job that keeps state nothing comes before the block that says where it begins, however long that takes', () => {
    const format = formatFrom({ format: 'lines' }, failOnReject);
    const settings = { format, rejects: failOnReject, sources: [first], maxRecord: 100 };
    const core = new IngestCore({ ...settings, startedAt: undefined });
    expect(Array.from(core.tick(1e6))).toEqual([]);
    const opening: Envelope = { header: { v: 1, n: 0 }, payload: Buffer.alloc(0) };
    expect(Array.from(core.accept({ opening }, 2e6))).toEqual([opening]);
    expect(Array.from(core.tick(2e6))).toEqual([]);
    expect(Array.from(core.tick(2e6 + 250))).toHaveLength(1);
  });

  test('what somebody waits for is handed on at once', () => {
    const chunk = { source: first, bytes: Buffer.from('a\n') };
    expect(Array.from(coreOf([first]).accept(chunk, 1000))).toHaveLength(0);
    expect(recordsOf(coreOf([first]).accept({ ...chunk, isAwaited: true }, 1000))).toEqual(['a']);
  });

  test('a byte order mark in front of a source is no part of its first record', () => {
    const inputs = [...chunksOf(first, '\uFEFFa\n\uFEFFb\n'), ...chunksOf(second, '\uFEFF', 'c')];
    expect(recordsOf(runAll(coreOf([first, second]), inputs))).toEqual(['a', '\uFEFFb', 'c']);
    expect(recordsOf(runAll(coreOf([first], 'json'), chunksOf(first, '\uFEFF{"a":1}\n')))).toEqual([
      { a: 1 },
    ]);
  });

  test('a source that is nothing but the mark has no line', () => {
    const inputs = [...chunksOf(first, '\uFEFF'), ...chunksOf(second, 'a\n\uFEFF')];
    expect(recordsOf(runAll(coreOf([first, second]), inputs))).toEqual(['a', '\uFEFF']);
    expect(recordsOf(runAll(coreOf([first]), chunksOf(first, '\uFEFF\n')))).toEqual(['']);
  });

  test('have no batch number, and the end follows them', () => {
    const [block, ending] = runAll(coreOf([first]), chunksOf(first, 'a\n'));
    expect(block?.header).toEqual({ v: 1, n: 1 });
    expect(ending).toEqual(endEnvelope('ok'));
  });

  test('no input is the end alone', () => {
    expect(runAll(coreOf([first]), []).map(({ header }) => header)).toEqual([{ v: 1, n: 0, end: 'ok' }]);
  });

  test('do not grow without bound', () => {
    const line = `${'x'.repeat(99)}\n`;
    const blocks = runAll(
      coreOf([first]),
      chunksOf(first, ...Array.from({ length: 250 }, () => line.repeat(100))),
    );
    expect(recordsOf(blocks)).toHaveLength(25_000);
    for (const { payload } of blocks) expect(payload.length).toBeLessThan(defaultPartSize);
    expect(blocks.length).toBeGreaterThan(2);
  });

  test('line numbers in messages begin anew with each source', () => {
    const inputs = [...chunksOf(first, '1\n\n2\n'), ...chunksOf(second, '1\n', '2\nx\n')];
    expect(failureOf(() => runAll(coreOf([first, second], 'json'), inputs))).toMatch(
      /^badData: second, line 3: /,
    );
  });
});

describe('time', () => {
  const tickAt = (core: IngestCore, now: number): Envelope[] => Array.from(core.tick(now));

  test('a line leaves a few milliseconds after it came, more lines do not put that off', () => {
    const core = coreOf([first]);
    expect(core.deadline()).toBe(1250);
    Array.from(core.accept({ source: first, bytes: Buffer.from('a\nb') }, 1100));
    expect(core.deadline()).toBe(1105);
    Array.from(core.accept({ source: first, bytes: Buffer.from('c\n') }, 1104));
    expect(core.deadline()).toBe(1105);
    expect(tickAt(core, 1104)).toEqual([]);
    expect(recordsOf(tickAt(core, 1105))).toEqual(['a', 'bc']);
    expect(core.deadline()).toBe(2105);
  });

  test('an unfinished line waits, and an idle source has a heartbeat', () => {
    const core = coreOf([first]);
    Array.from(core.accept({ source: first, bytes: Buffer.from('a') }, 1100));
    expect(core.deadline()).toBe(1250);
    expect(tickAt(core, 1250).map(({ header }) => header)).toEqual([{ v: 1, n: 0 }]);
    expect(core.deadline()).toBe(2250);
  });
});

describe('counters', () => {
  test('tell what happened since the last call, and where a finite input stands', () => {
    const source = { ...sourceOf('finite', 40), position: 25 };
    const core = coreOf([source], 'lines', 3);
    runAll(core, [{ source, bytes: Buffer.from('abcdef\n\xff\n', 'latin1') }]);
    expect(core.counters()).toEqual({ cut: 1, damaged: 1, done: 25, total: 40 });
    expect(core.counters()).toEqual({ done: 25, total: 40 });
    expect(core.cut).toBe(1);
  });

  test('an input without a known size has no total', () => {
    const sources = [sourceOf('finite', 40), { ...sourceOf('pipe'), position: 5 }];
    expect(coreOf(sources).counters()).toEqual({ done: 5 });
  });
});
