// A reader that does not read holds back the whole pipeline, up to the source; no stage gathers what it cannot hand on.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { bytesRead, peakMemory, stagesReady } from '../helpers/processes.ts';
import { startShell } from '../helpers/shell.ts';

const megabyte = 1024 * 1024;
const sleeper = '(sleep 4; head -1)';

const lines: readonly [string, number][] = [
  [
    'seq 1000000000 | sluice ingest | sluice batch --records 10000 | sluice reduce --words | sluice emit --format csv',
    4,
  ],
  ['yes "a line of text" | sluice ingest | sluice batch --once | sluice emit --format ndjson', 3],
  ['yes "a line of text" | sluice ingest | sluice batch 200ms | sluice window 400ms', 3],
];

describe.concurrent('a slow reader gets all of it, in bounded memory (faults 4 and 21)', () => {
  test.for(lines)('of %s', async ([line, count], { expect }) => {
    const shell = startShell(`${line} | ${sleeper}`);
    const stages = await stagesReady(shell, count);
    await sleep(2000);
    const before = stages.map(bytesRead);
    await sleep(1000);
    const after = stages.map(bytesRead);
    const peaks = stages.map(peakMemory);
    const result = await shell.done;

    // Batches by time go on being empty, so a window may still be read: less than a line's worth of headers.
    for (const [index, bytes] of after.entries()) expect(bytes - (before[index] ?? 0)).toBeLessThan(megabyte);
    for (const [index, peak] of peaks.entries()) {
      expect(peak, stages[index]?.name).toBeGreaterThan(megabyte);
      expect(peak, stages[index]?.name).toBeLessThan(150 * megabyte);
    }
    expect(result.stderr).toBe('');
    expect(result.exits.slice(1)).toEqual(Array.from({ length: count + 1 }, () => 0));
  });
});
