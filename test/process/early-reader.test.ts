// `| head -1` at every place of a pipeline: it ends at once, quietly, and no stage calls that a failure.
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const endless = 'yes "the quick brown fox"';
const brokenPipe = 141;

const lines: readonly [string, string, number][] = [
  ['ingest', 'sluice ingest', 1],
  ['batch', 'sluice ingest | sluice batch --records 1000', 2],
  ['batch by time', 'sluice ingest | sluice batch 100ms', 2],
  ['window', 'sluice ingest | sluice batch 100ms | sluice window 200ms', 3],
  ['reduce', 'sluice ingest | sluice batch --records 1000 | sluice reduce --words', 3],
  [
    'reduce of rows',
    'sluice ingest | sluice batch 100ms | sluice reduce --words | sluice window 200ms --slide 100ms | sluice reduce',
    5,
  ],
  ['emit', 'sluice ingest | sluice batch --records 1000 | sluice emit', 3],
  ['emit as NDJSON', 'sluice ingest | sluice batch --records 1000 | sluice emit --format ndjson', 3],
  ['emit with --top', 'sluice ingest | sluice batch --records 1000 | sluice emit --sort record --top 3', 3],
];

describe.concurrent('a reader that goes away early (fault 3)', () => {
  test.for(lines)('after %s', async ([, line, stages]) => {
    const result = await runShell(`${endless} | ${line} | head -1`);
    expect(result.stderr).toBe('');
    expect(result.exits).toEqual([brokenPipe, ...Array.from({ length: stages }, () => 0), 0]);
    expect(result.stdout).not.toBe('');
  });

  test('one that never reads at all', async () => {
    const result = await runShell(`${endless} | sluice ingest | sluice batch --records 10 | true`);
    expect(result).toMatchObject({ stderr: '', exits: [brokenPipe, 0, 0, 0] });
  });

  test.for([
    'sluice ingest',
    'sluice ingest | sluice batch 200ms',
    'sluice ingest | sluice batch 200ms | sluice reduce count',
  ])('after %s while the input is idle: the next sign of life finds out', async (line) => {
    const result = await runShell(
      `${line.replace('ingest', 'ingest < <(echo one; exec sleep 40)')} | head -1`,
    );
    expect(result.stderr).toBe('');
    expect(new Set(result.exits)).toEqual(new Set([0]));
    expect(result.milliseconds).toBeLessThan(30_000);
  });

  test.for(['sluice help reduce | head -1', 'sluice reduce --help | head -1', 'sluice completion | true'])(
    '%s',
    async (line) => {
      expect(await runShell(line)).toMatchObject({ stderr: '', exits: [0, 0] });
    },
  );
});
