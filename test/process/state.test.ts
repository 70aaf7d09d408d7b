// Jobs that keep state, as people run them: from cron, twice by mistake, stopped by signals, on a disk that is full.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stagesOf, until } from '../helpers/processes.ts';
import { runShell, startShell, type ShellResult } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

/** Runs `line` in `folder`, with its state in `folder/state`. */
function run(folder: string, line: string, state = 'state'): Promise<ShellResult> {
  return runShell(`cd ${folder}; ${line}`, { environment: { SLUICE_STATE: state } });
}

const read = (folder: string, file = 'out.csv'): string => readFileSync(join(folder, file), 'utf8');

describe('a report from cron', () => {
  const line =
    "sluice ingest access.log | sluice batch --once | sluice reduce count --by 'status=$1' | sluice emit out.csv";

  test('has what is new since the last time, and ends with 0', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'access.log'), '200\n200\n500\n');
    expect(await run(folder, line)).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
    expect(read(folder)).toBe('status,count\n200,2\n500,1\n');
    appendFileSync(join(folder, 'access.log'), '404\n');
    await run(folder, line);
    expect(read(folder)).toBe('status,count\n200,2\n500,1\n404,1\n');
    await run(folder, line);
    expect(read(folder)).toBe('status,count\n200,2\n500,1\n404,1\n');
  });

  test('the state may be said to the first stage only, by --state too', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'access.log'), '200\n');
    const own = line.replace('ingest', 'ingest --state elsewhere');
    await runShell(`cd ${folder}; ${own}; ${own}`);
    expect(read(folder)).toBe('status,count\n200,1\n');
    expect(readdirSync(join(folder, 'elsewhere'))).toContain('job.json');
  });

  test('a line that is written only in part waits until it is whole', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'access.log'), '200\n50');
    await run(folder, line);
    appendFileSync(join(folder, 'access.log'), '0\n');
    await run(folder, line);
    expect(read(folder)).toBe('status,count\n200,1\n500,1\n');
  });

  test('in one process and in a shell it is the same job', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'access.log'), '200\n');
    await run(folder, line);
    appendFileSync(join(folder, 'access.log'), '500\n');
    const whole = 'ingest access.log | batch --once | reduce count --by status=$1 | emit out.csv';
    expect(await run(folder, `sluice run '${whole}'`)).toMatchObject({ exits: [0], stderr: '' });
    expect(read(folder)).toBe('status,count\n200,1\n500,1\n');
  });

  test('sinks may come and go: each file has what came while it was there', async () => {
    const folder = temporaryFolder();
    const into = (sinks: string): Promise<unknown> => {
      appendFileSync(join(folder, 'access.log'), `${sinks}\n`);
      return run(folder, `sluice run 'ingest access.log | batch --once | emit --format csv ${sinks}'`);
    };
    for (const sinks of ['a.csv', 'b.csv', 'a.csv', 'a.csv b.csv', 'c.csv', '-', 'b.csv', 'a.csv'])
      expect(await into(sinks)).toMatchObject({ exits: [0], stderr: '' });
    const rows = (name: string): string => readFileSync(join(folder, name), 'utf8');
    expect(rows('a.csv')).toBe('record\na.csv\na.csv\na.csv b.csv\na.csv\n');
    expect(rows('b.csv')).toBe('record\nb.csv\na.csv b.csv\nb.csv\n');
    expect(rows('c.csv')).toBe('record\nc.csv\n');
  });

  test('twice at once, the second one ends with 75 (fault 36)', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'access.log'), '200\n');
    const following = line.replace('ingest', 'ingest --follow').replace('--once', '100ms');
    const shell = startShell(`cd ${folder}; ${following}`, { environment: { SLUICE_STATE: 'state' } });
    onTestFinished(() => shell.signal('SIGKILL'));
    await until(
      'the first run is going',
      () => existsSync(join(folder, 'state', 'commits', '000000')) || undefined,
    );
    const second = await run(folder, line.replace('out.csv', 'other.csv'));
    expect(second.exits[0]).toBe(75);
    expect(second.stderr).toContain('another run is using the state in');
    shell.signal('SIGINT');
    expect(await shell.done).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
  });
});

describe('what changes between two runs', () => {
  const begin = async (folder: string): Promise<void> => {
    writeFileSync(join(folder, 'a.log'), 'x 1\n');
    await run(
      folder,
      "sluice ingest a.log | sluice batch --once | sluice reduce count --by '$1' --running | sluice emit out.csv",
    );
    appendFileSync(join(folder, 'a.log'), 'x 2\n');
  };

  test('other workers, another batch interval or another sink do no harm', async () => {
    const folder = temporaryFolder();
    await begin(folder);
    const result = await run(
      folder,
      "sluice ingest a.log | sluice batch --records 10 | sluice reduce count --by '$1' --running --workers 1 | sluice emit --color never --format csv",
    );
    expect(result).toMatchObject({ stdout: '$1,count\nx,2\n', stderr: '', exits: [0, 0, 0, 0] });
  });

  test('another aggregate is refused, and told what differs (fault 37)', async () => {
    const folder = temporaryFolder();
    await begin(folder);
    const result = await run(
      folder,
      "sluice ingest a.log | sluice batch --once | sluice reduce 'sum($2)' --by '$1' --running | sluice emit out.csv",
    );
    expect(result.exits[2]).toBe(78);
    expect(result.stderr).toContain(
      "2-reduce was `count --by '$1' --running --mode complete` and is now `'sum($2)' --by '$1' --running --mode complete`",
    );
    expect(read(folder)).toBe('$1,count\nx,1\n');
  });

  test('a stage more or less is refused', async () => {
    const folder = temporaryFolder();
    await begin(folder);
    const result = await run(folder, 'sluice ingest a.log | sluice batch --once | sluice emit out.csv');
    expect(result.exits.at(-1)).toBe(78);
    expect(result.stderr).toContain('there was no stage 2-emit; it was 0-ingest, 1-batch, 2-reduce, 3-emit');
  });

  test('a saved stream of a run that is over is no part of the job', async () => {
    const folder = temporaryFolder();
    await begin(folder);
    await run(folder, 'sluice ingest --state other a.log | sluice batch --once > saved.env');
    const line = "sluice reduce count --by '$1' --running < saved.env > rows.env";
    await run(folder, 'sluice ingest --state other a.log > /dev/null');
    expect(await run(folder, line)).toMatchObject({ exits: [75] });
  });
});

describe('a run that is stopped', () => {
  const window = "sluice window 10s --time '$1' --lateness 0s | sluice reduce count | sluice emit out.csv";
  test.each(['INT', 'TERM'] as const)(
    'by SIG%s keeps the windows that are open (faults 5 and 6)',
    async (signal) => {
      const folder = temporaryFolder();
      const lines = Array.from(
        { length: 35 },
        (_, second) => `2026-03-01T10:00:${String(second).padStart(2, '0')}Z\n`,
      );
      writeFileSync(join(folder, 'a.log'), lines.slice(0, 25).join(''));
      const line = `sluice ingest a.log | sluice batch --records 4 | ${window}`;
      const shell = startShell(
        `cd ${folder}; ${line.replace('| sluice batch', '| (sleep 1; exec sluice batch').replace('--records 4', '--records 4)')}`,
        {
          environment: { SLUICE_STATE: 'state' },
        },
      );
      onTestFinished(() => shell.signal('SIGKILL'));
      await sleep(400);
      shell.signal(`SIG${signal}`);
      await shell.done;
      writeFileSync(join(folder, 'a.log'), lines.join(''));
      expect(await run(folder, line.replace('ingest', 'ingest --final'))).toMatchObject({ stderr: '' });
      expect(read(folder)).toBe(
        [
          'window_start,window_end,count',
          ...[0, 10, 20, 30].map(
            (start) =>
              `2026-03-01T10:00:${start === 0 ? '00' : start}Z,2026-03-01T10:00:${start + 10}Z,${start === 30 ? 5 : 10}`,
          ),
        ].join('\n') + '\n',
      );
    },
  );

  test('a reader that goes away ends it, and what it did not get comes again (fault 3)', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.log'), Array.from({ length: 50_000 }, (_, line) => `${line}\n`).join(''));
    const line =
      'sluice ingest a.log | sluice batch --records 10 | sluice reduce count | sluice emit --format csv';
    const first = await run(folder, `${line} | head -1`);
    expect(first).toMatchObject({ stdout: 'count\n', stderr: '' });
    const rest = await run(folder, `${line} > rest.csv`);
    expect(rest).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
    const rows = read(folder, 'rest.csv').trim().split('\n').length - 1;
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThanOrEqual(5000);
  });
});

/** A disk of its own, `size` large; undefined where none can be made. */
function smallDisk(size: string): string | undefined {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  return folder;
}

const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('a disk that is full (fault 8)', () => {
  const line = (sink: string): string =>
    `sluice ingest words.txt | sluice batch --records 500 --checkpoint 50ms | sluice reduce --words --running --emit changed | sluice emit ${sink}`;
  const words = Array.from({ length: 20_000 }, (_, at) => `w${(at * at) % 7919} w${at % 977}\n`).join('');

  const prepared = async (): Promise<{ folder: string; calm: string }> => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'words.txt'), words);
    await run(folder, line('calm.csv'), 'calm-state');
    return { folder, calm: read(folder, 'calm.csv') };
  };

  test.each(['state', 'sink'] as const)(
    'for the %s: 74, nothing half-written, and the same line goes on',
    async (which) => {
      const disk = smallDisk('100k');
      expect(disk).toBeDefined();
      const { folder, calm } = await prepared();
      const sink = which === 'sink' ? `${disk}/out.csv` : 'out.csv';
      const state = which === 'state' ? `${disk}/state` : 'state';
      const full = await run(folder, line(sink), state);
      expect(full.exits.at(-1)).toBe(74);
      expect(full.stderr).toMatch(/cannot write to .*: no space left on the disk\n {2}hint: free some space/);
      expect(execFileSync('find', [disk as string, '-name', '*.part'], { encoding: 'utf8' })).toBe('');
      execFileSync('mount', ['-o', 'remount,size=50m', disk as string]);
      expect(await run(folder, line(sink), state)).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
      const out = which === 'sink' ? readFileSync(sink, 'utf8') : read(folder);
      expect(out === calm).toBe(true);
    },
  );

  test('a sink that cannot be written to: 73, and nothing is read', async () => {
    const { folder } = await prepared();
    const refused = await run(folder, line('/proc/out.csv'));
    expect(refused.exits.at(-1)).toBe(73);
    expect(await run(folder, line('out.csv'))).toMatchObject({ exits: [0, 0, 0, 0] });
    expect(read(folder)).toBe(read(folder, 'calm.csv'));
  });
});

test('stages of the run before that still finish are waited for', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.log'), Array.from({ length: 100_000 }, (_, line) => `${line}\n`).join(''));
  const line = 'sluice ingest a.log | (sluice batch --once && touch batched) | sluice emit --format csv';
  const first = startShell(`cd ${folder}; ${line} | (sleep 1.5; cat > rows.csv)`, {
    environment: { SLUICE_STATE: 'state' },
  });
  onTestFinished(() => first.signal('SIGKILL'));
  await until('only emit is left', () => {
    const names = stagesOf(first).map(({ name }) => name);
    // Before the others have begun it may be the only one, too.
    return (existsSync(join(folder, 'batched')) && !names.includes('ingest')) || undefined;
  });
  const second = await run(folder, `${line} > more.csv`);
  expect(second).toMatchObject({ exits: [0, 0, 0], stderr: '' });
  expect(await first.done).toMatchObject({ exits: [0, 0, 0, 0] });
  expect(read(folder, 'rows.csv').trim().split('\n')).toHaveLength(100_001);
  expect(read(folder, 'more.csv')).toBe('');
});

test('a terminal that is closed ends a run at once, and nothing is lost (fault 7)', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.log'), 'x\n');
  const line =
    "sluice ingest --follow a.log | sluice batch 50ms | sluice reduce count --by '$1' --running --emit changed | sluice emit out.csv";
  const shell = startShell(`cd ${folder}; ${line}`, { environment: { SLUICE_STATE: 'state' } });
  onTestFinished(() => shell.signal('SIGKILL'));
  await until('the first batch is there', () =>
    existsSync(join(folder, 'out.csv')) && read(folder).includes('x,1') ? true : undefined,
  );
  shell.signal('SIGHUP');
  await shell.done;
  appendFileSync(join(folder, 'a.log'), 'x\n');
  const second = await run(folder, line.replace('--follow ', ''));
  expect({ ...second, file: read(folder) }).toMatchObject({
    stderr: '',
    exits: [0, 0, 0, 0],
    file: '$1,count\nx,1\nx,2\n',
  });
});
