// The pool with real worker threads: they run the built worker, so build first.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Executor } from '../../src/executor/executor.ts';
import { rangesOf } from '../../src/scan/ranges.ts';
import { FieldTable } from '../../src/reduce/field-table.ts';
import { kernelFieldsOf, type KernelFields } from '../../src/reduce/kernel-fields.ts';
import type { Exported } from '../../src/reduce/listed-states.ts';
import { planFrom, type ReducePlan } from '../../src/reduce/plan.ts';
import { scanRange, type ScannedRange } from '../../src/scan/scan-range.ts';
import { processKernel } from '../../src/kernel/load.ts';
import { allRows } from '../kernel/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-executor-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'words.txt');
const text = `${'one two three\r\n'.repeat(500)}\n${'x'.repeat(300)} four\nfünf sechs \uffff\u{1f600}\nlast`;
writeFileSync(path, text);
const size = Buffer.byteLength(text);

function rowsOf(results: readonly ScannedRange[]): string {
  const merged = processKernel().createTable();
  for (const { exported } of results) if (exported) merged.absorb(exported.table);
  return allRows(merged);
}

const whole = rowsOf([scanRange({ range: { path, start: 0, end: size }, maxRecord: 1000 })]);

const plan = planFrom({ by: ['k=$1'], words: false, partial: false }, [
  'p50($2)',
  'var($2)',
  'count',
]) as ReducePlan;
const fields = kernelFieldsOf(plan) as KernelFields;
const numbers = join(folder, 'numbers');
writeFileSync(numbers, Array.from({ length: 3000 }, (_, index) => `${'ab'[index % 2]} ${index}\n`).join(''));

function reducedRows(results: readonly ScannedRange[]): string {
  const table = new FieldTable(plan, fields);
  for (const { exported } of results) table.absorb(exported as Exported);
  const rows = table.rows({ partSize: 1e6, caveats: new Set() });
  return Array.from(rows, ({ payload }) => payload.toString()).join(',');
}

describe.each([0, 1, 3])('with %i workers', (workers) => {
  test('states that the kernel does not keep cross threads', async () => {
    const executor = new Executor({ workers, taskTimeout: 10_000 });
    const cuts = [0, 5000, 15_000, statSync(numbers).size];
    const ranges = cuts.slice(1).map((end, index) => ({ path: numbers, start: cuts[index] ?? 0, end }));
    const results = await Promise.all(
      ranges.map((range) => executor.run('scanRange', { range, maxRecord: 1000, fields })),
    );
    await executor.close();
    expect(JSON.parse(`[${reducedRows(results)}]`)).toEqual([
      { k: 'a', 'p50($2)': 1496, 'var($2)': 750_500, count: 1500 },
      { k: 'b', 'p50($2)': 1496, 'var($2)': 750_500, count: 1500 },
    ]);
  });

  test('tasks give what they give here', async () => {
    const executor = new Executor({ workers, taskTimeout: 10_000 });
    const cuts = [0, 1, 700, 701, size - 3, size];
    const ranges = cuts.slice(1).map((end, index) => ({ path, start: cuts[index] ?? 0, end }));
    const results = await Promise.all(
      ranges.map((range) => executor.run('scanRange', { range, maxRecord: 1000 })),
    );
    await executor.close();
    expect(rowsOf(results)).toBe(whole);
    expect(results.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(size);
  });

  test('a task that fails is an error with its reason, and the next one still runs', async () => {
    const executor = new Executor({ workers, taskTimeout: 10_000 });
    const missing = { range: { path: join(folder, 'missing'), start: 0, end: 1 }, maxRecord: 1000 };
    await expect(executor.run('scanRange', missing)).rejects.toThrow(/ENOENT/);
    const { bytes } = await executor.run('scanRange', {
      range: { path, start: 0, end: size },
      maxRecord: 1000,
    });
    await executor.close();
    expect(bytes).toBe(size);
  });
});

test('a task that takes too long is given up after a second try', async () => {
  const executor = new Executor({ workers: 1, taskTimeout: 1 });
  const large = join(folder, 'large.txt');
  writeFileSync(large, Buffer.alloc(64 * 1024 * 1024, 'a b\n'));
  const task = executor.run('scanRange', {
    range: { path: large, start: 0, end: 64 * 1024 * 1024 },
    maxRecord: 1000,
  });
  await expect(task).rejects.toThrow('a task failed twice (scanRange)');
  await executor.close();
});

test('lines cut at --max-record are counted once, in the range that they begin in', () => {
  const range = { path, start: 0, end: size };
  expect(scanRange({ range, maxRecord: 100 }).cut).toBe(1);
});

test('ranges cover each file once', () => {
  const files = [
    { path: 'a', size: 0 },
    { path: 'b', size: 10 },
    { path: 'c', size: 100 * 1024 * 1024 },
  ];
  for (const workers of [0, 1, 2, 64]) {
    const ranges = rangesOf(files, workers);
    for (const file of files) {
      const own = ranges.filter((range) => range.path === file.path);
      expect(own.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(file.size);
      for (const [index, range] of own.entries()) expect(range.start).toBe(own[index - 1]?.end ?? 0);
    }
  }
});
