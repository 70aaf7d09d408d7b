// Real files and real signals: a log that is followed, and standard input that nobody can read twice. Numbers are those of the
// list of faults.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { signalStages, stagesOf, until, type Stage } from '../helpers/processes.ts';
import { startShell, type RunningShell } from '../helpers/shell.ts';
import { soak } from '../faults/soak.js';

const state = { environment: { SLUICE_STATE: 'state' } };

/** Writes a copy to `out`; the signals are for the stages. */
const shown = "(trap '' INT TERM; exec tee out)";

/** Waits until the file has so many lines, and returns it. */
function linesIn(shell: RunningShell, file: string, count: number): Promise<string> {
  return until(`${file} has ${count} lines`, () => {
    const text = readOrEmpty(join(shell.folder, file));
    return text.split('\n').length > count ? text : undefined;
  });
}

function stagesStarted(shell: RunningShell, count: number): Promise<Stage[]> {
  return until(`${count} stages have started`, () => {
    const stages = stagesOf(shell);
    return stages.length === count ? stages : undefined;
  });
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test.concurrent('(fault 11) --follow waits for a file that is not there yet; a line is there a moment after it was written', async () => {
  const shell = startShell(
    `sluice ingest --follow app.log | sluice batch 100ms | sluice emit --format ndjson | ${shown}`,
  );
  await stagesStarted(shell, 3);
  const log = join(shell.folder, 'app.log');
  writeFileSync(log, 'one\n');
  await linesIn(shell, 'out', 1);
  const delays: number[] = [];
  for (const index of [1, 2, 3, 4, 5]) {
    await sleep(130 * index);
    const written = performance.now();
    appendFileSync(log, `line ${index}\n`);
    await linesIn(shell, 'out', index + 1);
    delays.push(performance.now() - written);
  }
  renameSync(log, `${log}.1`);
  writeFileSync(log, 'half');
  await sleep(300);
  appendFileSync(log, ' and half\nlast');
  await linesIn(shell, 'out', 7);
  shell.signal('SIGINT');
  const { stdout, stderr, exits } = await shell.done;
  // Nothing comes after a run without state: what there is of a line is one.
  expect(stdout.split('\n').slice(6)).toEqual(['"half and half"', '"last"', '']);
  expect({ stderr, exits }).toEqual({ stderr: '', exits: [0, 0, 0, 0] });
  // The batch of 100 ms included.
  expect(Math.min(...delays)).toBeLessThan(1000);
});

test.concurrent('with state a signal pauses: a line that is half written is left for the next run', async () => {
  const line =
    'sluice ingest --follow --state state app.log 2>> errors | sluice batch 100ms | sluice emit out.ndjson';
  const first = startShell(
    `printf 'a\\nb' > app.log\n${line}\nprintf 'c\\nd\\n' >> app.log\n${line}\ncat errors out.ndjson`,
  );
  await linesIn(first, 'out.ndjson', 1);
  first.signal('SIGTERM');
  await linesIn(first, 'out.ndjson', 3);
  first.signal('SIGTERM');
  expect(await first.done).toMatchObject({ stdout: '"a"\n"bc"\n"d"\n', exits: [0] });
});

test.concurrent('dir: with --follow reads each file once that is moved in', async () => {
  const shell = startShell(
    `mkdir in\nsluice ingest --follow dir:in | sluice batch 100ms | sluice emit --format ndjson | ${shown}`,
  );
  await stagesStarted(shell, 3);
  const folder = join(shell.folder, 'in');
  for (const [index, name] of ['b', 'a'].entries()) {
    writeFileSync(join(folder, `.${name}`), `${name}\n`);
    await sleep(250);
    renameSync(join(folder, `.${name}`), join(folder, name));
    await linesIn(shell, 'out', index + 1);
  }
  shell.signal('SIGINT');
  expect(await shell.done).toMatchObject({ stdout: '"b"\n"a"\n', stderr: '', exits: [0, 0, 0, 0] });
});

test.concurrent('standard input is kept before it moves on: killed anywhere, what was read is there once', async () => {
  const line = 'sluice batch --records 100 --checkpoint 50ms | sluice emit out.csv';
  const killed = startShell(
    `for i in 1 2 3 4 5 6; do sluice ingest < <(seq $((i * 10000 + 1)) $((i * 10000 + 9999)); exec sleep 25) | ${line}; done; seq 7 | sluice ingest | ${line}; cat out.csv`,
    state,
  );
  for (const run of [1, 2, 3, 4, 5, 6]) {
    const stages = await stagesStarted(killed, 3);
    const [first] = stages;
    const kept = join(killed.folder, 'state/wal/stdin/000000000000');
    // All of what this run was given is in the log, however little of it has come through.
    await until('it is kept', () =>
      readOrEmpty(kept).includes(`\n${run * 10000 + 9999}\n`) ? true : undefined,
    );
    signalStages(run % 2 === 0 ? stages : stages.filter(({ pid }) => pid === first?.pid), 'SIGKILL');
    await until('all of them have ended', () =>
      stagesOf(killed).some(({ pid }) => stages.some((stage) => stage.pid === pid)) ? undefined : true,
    );
  }
  const { stdout: text } = await killed.done;
  const runs = [1, 2, 3, 4, 5, 6].flatMap((run) =>
    Array.from({ length: 9999 }, (_, index) => run * 10000 + 1 + index),
  );
  expect(text).toBe(`record\n${[...runs, 1, 2, 3, 4, 5, 6, 7].join('\n')}\n`);
});

test.concurrent('(faults 9, 10 and 42) 5,000 lines a second, rotated every 2 s: nothing lost or doubled, files and memory flat', async () => {
  const { written, read, wrong, rotated, exit, sizes } = await soak({ seconds: 20, rotateEvery: 2 });
  expect({ read, wrong, exit }).toEqual({ read: written, wrong: 0, exit: 0 });
  expect(rotated).toBeGreaterThanOrEqual(8);
  const files = sizes.map(({ ingest }) => ingest?.files ?? 0);
  // A log that was rotated away stays open for five seconds.
  expect(Math.max(...files) - Math.min(...files)).toBeLessThanOrEqual(4);
  const memory = sizes.map(({ ingest }) => ingest?.mebibytes ?? 0);
  expect(Math.max(...memory)).toBeLessThan(Math.max(...memory.slice(0, 4)) + 24);
});

test.concurrent('(fault 12) what cannot be followed is said at once', async () => {
  const shell = startShell('mkfifo pipe; sluice ingest --follow pipe | cat > out');
  const { stderr, exits } = await shell.done;
  expect(exits[0]).toBe(2);
  expect(stderr).toBe(
    'sluice ingest: pipe is no file that can be followed\n  hint: without --follow it is read as it comes\n',
  );
});
