// Several pipelines in one run, as the system sees them: signals, kills, readers that go away, slow sinks, terminals.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, type TestContext } from 'vitest';
import { bytesRead, stagesReady, until } from '../helpers/processes.ts';
import { runShell, startShell, type RunningShell } from '../helpers/shell.ts';

const shared = 'ingest | batch 100ms';
const words = `${shared} | reduce --words | emit words.csv`;
const counts = `${shared} | reduce count | emit counts.csv`;
const live = `< <(echo a b; echo a; exec sleep 20)`;

function start({ onTestFinished }: TestContext, line: string): RunningShell {
  const shell = startShell(line);
  onTestFinished(() => shell.signal('SIGKILL'));
  return shell;
}

const read = (shell: RunningShell, file: string): string => readFileSync(join(shell.folder, file), 'utf8');
const files = (shell: RunningShell): string[] =>
  readdirSync(shell.folder).filter((name) => name.includes('csv'));

/** The one process has taken in what there is, and each branch has written of it. */
async function written(shell: RunningShell): Promise<number> {
  const [stage] = await stagesReady(shell, 1);
  await until('both branches have written', () => {
    const parts = files(shell).filter((name) => name.endsWith('.part'));
    return parts.length === 2 && parts.every((name) => /\n[^\n]*[1-9]\n/.test(read(shell, name)))
      ? parts
      : undefined;
  });
  return stage?.pid ?? 0;
}

describe.concurrent.for(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('drains all branches: each file is there, and whole', async (context) => {
    const shell = start(
      context,
      `sluice run '${words} ; ${counts}' ${live}; echo $?; cat words.csv; tail -n +2 counts.csv | paste -sd+ | bc; ls -A *.csv .*.part 2>/dev/null`,
    );
    await written(shell);
    shell.signal(signal);
    const { stdout, stderr } = await shell.done;
    expect(stdout).toBe('0\nword,count\na,2\nb,1\n2\ncounts.csv\nwords.csv\n');
    expect(stderr).toBe('');
  });
});

describe.concurrent('killed', () => {
  test('no file is there, or what was there before', async (context) => {
    const shell = start(
      context,
      `echo old > words.csv; sluice run '${words} ; ${counts}' ${live}; cat *.csv`,
    );
    process.kill(await written(shell), 'SIGKILL');
    expect((await shell.done).stdout).toBe('old\n');
  });

  test('at any moment of a finite run, files are whole or absent', async (context) => {
    const all = 'word,count\nword,20000\n';
    const batch = 'ingest n.txt | batch --once';
    for (const milliseconds of [60, 120, 160, 200, 240, 300]) {
      const shell = start(
        context,
        `yes word | head -20000 > n.txt; sluice run '${batch} | reduce --words | emit a.csv; ${batch} | reduce --words | emit b.csv; ${batch} | emit c.csv' & run=$!; sleep ${milliseconds / 1000}; kill -9 $run; wait; for f in a b; do cat $f.csv 2>/dev/null; done; wc -l < c.csv 2>/dev/null`,
      );
      const { stdout } = await shell.done;
      expect(stdout.replaceAll(all, '').replace('20001\n', '')).toBe('');
    }
  });

  test('by a second signal, it takes its unfinished files with it', async (context) => {
    const shell = start(
      context,
      `yes | sluice run '${shared} | emit --format csv; ${counts}' > >(trap '' INT; exec sleep 20); ls -A`,
    );
    await stagesReady(shell, 1);
    await until('there is a file', () => files(shell).find((name) => name.endsWith('.part')));
    await sleep(300);
    shell.signal('SIGINT');
    await sleep(500);
    shell.signal('SIGINT');
    expect((await shell.done).stdout).toBe('fixtures\n');
  });
});

describe.concurrent('a reader that goes away', () => {
  test('ends its branch quietly; the others go on to the end', async () => {
    const { stdout, stderr, exits } = await runShell(
      `seq 300000 > n.txt; sluice run 'ingest n.txt | batch --records 1000 | emit --format csv ; ingest n.txt | batch --records 1000 | emit all.csv' | head -2; wc -l < all.csv`,
    );
    expect({ stdout, stderr, exits }).toEqual({ stdout: 'record\n1\n300001\n', stderr: '', exits: [0] });
  });

  test('ends the run where all have: also two pipes of bash', async () => {
    const { stderr, exits } = await runShell(
      `yes | sluice run 'ingest | batch --records 1000 | emit --format csv ; ingest | batch --records 1000 | emit --format ndjson pipe' | head -1 & mkfifo pipe; head -1 pipe; wait $!`,
    );
    expect(stderr).toBe('');
    expect(exits).toEqual([0]);
  });

  test('a slow one holds the source back', async (context) => {
    const shell = start(
      context,
      `mkfifo slow; (exec 3<slow; sleep 20) & yes | sluice run 'ingest | batch --records 1000 | emit --format csv slow ; ingest | batch --records 1000 | reduce count | emit n.csv'`,
    );
    const [stage] = await stagesReady(shell, 1);
    if (!stage) throw new Error('there is no stage');
    let before = 0;
    await until('it reads no more', async () => {
      await sleep(500);
      const now = bytesRead(stage);
      const stands = now === before && now > 1_500_000;
      before = now;
      return stands || undefined;
    });
    // What is in buffers on the way; `yes` would give hundreds of megabytes.
    expect(before).toBeLessThan(20_000_000);
  });
});
