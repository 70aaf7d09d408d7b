// Real time and real signals: input that is held back. Only what cannot be faster is measured: a machine may be slow.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../helpers/processes.ts';
import { runShell, startShell, type RunningShell } from '../helpers/shell.ts';

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `{"id":${from + index}}\n`).join('');

function idsIn(shell: RunningShell, file: string): number[] {
  try {
    const lines = readFileSync(join(shell.folder, file), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => (JSON.parse(line) as { id: number }).id);
  } catch {
    return [];
  }
}

const first = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test.concurrent.for(['in', '< in', 'run'])(
  '%s takes as long as its rate says, and loses nothing',
  async (how) => {
    const stages = ['ingest --format json --max-rate 500', 'batch 100ms', 'emit --format ndjson'];
    if (how === 'in') stages[0] += ' in';
    const line =
      how === 'run'
        ? `sluice run '${stages.join(' | ').replace('500', '500 in')}'`
        : `${how === '< in' ? 'cat in | ' : ''}${stages.map((stage) => `sluice ${stage}`).join(' | ')}`;
    const { stdout, stderr, milliseconds } = await runShell(
      `for i in $(seq 0 499); do echo "{\\"id\\":$i}"; done > in; ${line}`,
    );
    const ids = stdout
      .split('\n')
      .slice(0, -1)
      .map((row) => (JSON.parse(row) as { id: number }).id);
    expect(stderr).toBe('');
    expect(ids).toEqual(first(500));
    expect(milliseconds).toBeGreaterThan(900);
  },
);

test.concurrent('a second that is slow is not followed by a flood', async () => {
  const shell = startShell(
    'sluice ingest --format json --follow --max-rate 100 in | tee -i blocks | sluice batch 100ms | sluice emit --format ndjson > out',
  );
  writeFileSync(join(shell.folder, 'in'), numbers(0, 100));
  await until('they have come', () => (idsIn(shell, 'out').length === 100 ? true : undefined));
  appendFileSync(join(shell.folder, 'in'), numbers(100, 200));
  await until('the others have come', () => (idsIn(shell, 'out').length === 200 ? true : undefined));
  const blocks = readFileSync(join(shell.folder, 'blocks'), 'utf8').split('\n').slice(0, -1);
  shell.signal('SIGINT');
  await shell.done;
  // A block is what a few milliseconds brought, or more where the machine is busy; all that is there would be a hundred.
  const counts = blocks.map((block) => (JSON.parse(block) as { n: number }).n);
  expect(Math.max(...counts)).toBeLessThanOrEqual(90);
});

test.concurrent.for(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it at once, however slow it is',
  async (signal) => {
    const shell = startShell(
      'for i in $(seq 0 999); do echo "{\\"id\\":$i}"; done > in; sluice ingest --format json --max-rate 6/m in | sluice batch 100ms | sluice emit --format ndjson > out',
    );
    await until('one has come', () => (idsIn(shell, 'out').length === 1 ? true : undefined));
    const signalled = performance.now();
    shell.signal(signal);
    const { exits, stderr } = await shell.done;
    expect({ exits, stderr }).toEqual({ exits: [0, 0, 0], stderr: '' });
    // The next record would have come after ten seconds.
    expect(performance.now() - signalled).toBeLessThan(9000);
  },
);

test.concurrent.for(['in', '-'])(
  'with state, what was held back of %s when it was ended comes in the next run, once',
  async (source) => {
    const stages = (rate: string): string =>
      `${source === '-' ? 'cat in | ' : ''}sluice ingest --format json ${rate} --state state ${source} | sluice batch 100ms | sluice emit out.ndjson`;
    const shell = startShell(
      `for i in $(seq 0 199); do echo "{\\"id\\":$i}"; done > in; ${stages('--max-rate 100')}; for round in 1 2 3; do ${stages('--final').replace('cat in', ':')}; done; cat out.ndjson`,
    );
    await until('some have come', () => (idsIn(shell, 'out.ndjson').length > 20 ? true : undefined));
    shell.signal('SIGTERM');
    const { stdout, stderr } = await shell.done;
    expect(stderr).toBe('');
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((row) => (JSON.parse(row) as { id: number }).id),
    ).toEqual(first(200));
  },
);
