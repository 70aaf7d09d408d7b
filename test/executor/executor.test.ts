// The pool with real worker threads: they run the built worker, so build first.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Executor } from '../../src/executor/executor.ts';
import { FieldTable } from '../../src/reduce/field-table.ts';
import { kernelFieldsOf, type KernelFields } from '../../src/reduce/kernel-fields.ts';
import { planFrom, type ReducePlan } from '../../src/reduce/plan.ts';
import { PieceQueue } from '../../src/scan/ranges.ts';
import { scanPieces, type ScanPieces, type ScannedPieces } from '../../src/scan/scan-ranges.ts';
import type { PlainFile } from '../../src/stage/stage.ts';
import { processKernel } from '../../src/kernel/load.ts';
import { allRows } from '../kernel/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-executor-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): PlainFile {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { path, size: Buffer.byteLength(text) };
}

/** A task for all of some files. */
function taskFor(files: readonly PlainFile[], reductions: ScanPieces['reductions'] = [{}]): ScanPieces {
  return {
    files,
    shared: new PieceQueue(files).shared,
    owner: 1,
    time: 60_000,
    maxRecord: 1000,
    format: { format: 'lines' },
    skips: false,
    reductions,
  };
}

const texts = [
  'one two three\r\n'.repeat(500),
  `\n${'x'.repeat(300)} four\nfünf sechs \uffff\u{1f600}\nlast`,
];
const words = texts.map((text, index) => file(`words-${index}`, text));

function rowsOf(results: readonly ScannedPieces[]): string {
  const merged = processKernel().createTable();
  for (const result of results)
    if ('exported' in result) for (const { table } of result.exported) merged.absorb(table);
  return allRows(merged);
}

const whole = rowsOf([scanPieces(taskFor(words))]);

const plan = planFrom({ by: ['k=$1'], words: false, partial: false }, [
  'p50($2)',
  'var($2)',
  'count',
]) as ReducePlan;
const fields = kernelFieldsOf(plan) as KernelFields;
const lines = Array.from({ length: 3000 }, (_, index) => `${'ab'[index % 2]} ${index}\n`);
const numbers = [1000, 1700, 2400].map((from) =>
  file(`numbers-${from}`, lines.slice(from, from + 700).join('')),
);

function reducedRows(results: readonly ScannedPieces[]): string {
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
    const results = await Promise.all(
      numbers.map((part) => executor.run('scanPieces', taskFor([part], [{ fields }]))),
    );
    await executor.close();
    expect(JSON.parse(`[${reducedRows(results)}]`)).toEqual([
      { k: 'a', 'p50($2)': 1496, 'var($2)': 750_500, count: 1500 },
      { k: 'b', 'p50($2)': 1496, 'var($2)': 750_500, count: 1500 },
    ]);
  });

  test('tasks give what they give here', async () => {
    const executor = new Executor({ workers, taskTimeout: 10_000 });
    const results = await Promise.all(words.map((part) => executor.run('scanPieces', taskFor([part]))));
    await executor.close();
    expect(rowsOf(results)).toBe(whole);
  });

  test('a file that cannot be read is a failure with its name, and the next task still runs', async () => {
    const executor = new Executor({ workers, taskTimeout: 10_000 });
    const missing = join(folder, 'missing');
    const task = taskFor([{ path: missing, size: 1 }]);
    const { failure } = (await executor.run('scanPieces', task)) as { failure: string };
    expect(failure).toMatch(`cannot read ${missing}: ENOENT`);
    const result = await executor.run('scanPieces', taskFor(words));
    await executor.close();
    expect(rowsOf([result])).toBe(whole);
  });
});

test('a task that takes too long is given up after a second try', async () => {
  const executor = new Executor({ workers: 1, taskTimeout: 1 });
  const task = executor.run('scanPieces', taskFor([file('large', 'a b\n'.repeat(16 * 1024 * 1024))]));
  await expect(task).rejects.toThrow('a task failed twice (scanPieces)');
  await executor.close();
});
