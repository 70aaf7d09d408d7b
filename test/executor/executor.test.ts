// The pool with real worker threads: they run the built worker, so build first.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Executor } from '../../src/executor/executor.ts';
import { FieldTable } from '../../src/reduce/field-table.ts';
import { kernelFieldsOf, type KernelFields } from '../../src/reduce/kernel-fields.ts';
import { planFrom, type ReducePlan } from '../../src/reduce/plan.ts';
import { scanRanges, type ScannedRanges } from '../../src/scan/scan-ranges.ts';
import { processKernel } from '../../src/kernel/load.ts';
import { allRows } from '../kernel/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-executor-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'words.txt');
const text = `${'one two three\r\n'.repeat(500)}\n${'x'.repeat(300)} four\nfünf sechs \uffff\u{1f600}\nlast`;
writeFileSync(path, text);
const size = Buffer.byteLength(text);

function rowsOf(results: readonly ScannedRanges[]): string {
  const merged = processKernel().createTable();
  for (const result of results)
    if ('exported' in result) for (const { table } of result.exported) merged.absorb(table);
  return allRows(merged);
}

const all = { path, start: 0, end: size };
const whole = rowsOf([scanRanges({ ranges: [all], maxRecord: 1000, reductions: [{}] })]);

const plan = planFrom({ by: ['k=$1'], words: false, partial: false }, [
  'p50($2)',
  'var($2)',
  'count',
]) as ReducePlan;
const fields = kernelFieldsOf(plan) as KernelFields;
const numbers = join(folder, 'numbers');
const lines = Array.from({ length: 3000 }, (_, index) => `${'ab'[index % 2]} ${index}\n`);
writeFileSync(numbers, lines.slice(1000).join(''));

function reducedRows(results: readonly ScannedRanges[]): string {
  const table = new FieldTable(plan, fields);
  // As the main thread does, which reads some of them itself.
  table.addLines(Buffer.from(lines.slice(0, 1000).join('')));
  for (const result of results)
    if ('exported' in result) for (const exported of result.exported) table.absorb(exported);
  const rows = table.rows({ partSize: 1e6, caveats: new Set() });
  return Array.from(rows, ({ payload }) => payload.toString()).join(',');
}

describe.each([0, 1, 3])('with %i workers', (workers) => {
  test('states that the kernel does not keep cross threads', async () => {
    const executor = new Executor({ workers, taskTimeout: 10_000 });
    const cuts = [0, 5000, 10_000, statSync(numbers).size];
    const ranges = cuts.slice(1).map((end, index) => ({ path: numbers, start: cuts[index] ?? 0, end }));
    const results = await Promise.all(
      ranges.map((range) =>
        executor.run('scanRanges', { ranges: [range], maxRecord: 1000, reductions: [{ fields }] }),
      ),
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
      ranges.map((range) =>
        executor.run('scanRanges', { ranges: [range], maxRecord: 1000, reductions: [{}] }),
      ),
    );
    await executor.close();
    expect(rowsOf(results)).toBe(whole);
  });

  test('a file that cannot be read is a failure with its name, and the next task still runs', async () => {
    const executor = new Executor({ workers, taskTimeout: 10_000 });
    const missing = join(folder, 'missing');
    const ranges = [{ path: missing, start: 0, end: 1 }];
    const { failure } = (await executor.run('scanRanges', { ranges, maxRecord: 1000, reductions: [{}] })) as {
      failure: string;
    };
    expect(failure).toMatch(`cannot read ${missing}: ENOENT`);
    const result = await executor.run('scanRanges', { ranges: [all], maxRecord: 1000, reductions: [{}] });
    await executor.close();
    expect(rowsOf([result])).toBe(whole);
  });
});

test('a task that takes too long is given up after a second try', async () => {
  const executor = new Executor({ workers: 1, taskTimeout: 1 });
  const large = join(folder, 'large.txt');
  writeFileSync(large, Buffer.alloc(64 * 1024 * 1024, 'a b\n'));
  const ranges = [{ path: large, start: 0, end: 64 * 1024 * 1024 }];
  const task = executor.run('scanRanges', { ranges, maxRecord: 1000, reductions: [{}] });
  await expect(task).rejects.toThrow('a task failed twice (scanRanges)');
  await executor.close();
});
