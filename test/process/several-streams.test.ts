// Stages that read several streams, as processes: pipes that are slow, idle, cut off, or read no further.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, type TestContext } from 'vitest';
import { bytesRead, peakMemory, stagesOf, until, type Stage } from '../helpers/processes.ts';
import { runShell, startShell, type RunningShell } from '../helpers/shell.ts';

const start = 1_772_359_200;
const record = (id: number, second: number): string => `{"id":${id},"t":${start + second}}`;
const joinOn = '--on id --within 1m --time t';
const pair = `${record(1, 0).slice(0, -1)},"right_t":${start + 1}}\n`;
const megabyte = 1024 * 1024;

function begin({ onTestFinished }: TestContext, line: string): RunningShell {
  const shell = startShell(line);
  onTestFinished(() => shell.signal('SIGKILL'));
  return shell;
}

/** The line's file `out`, once there is something in it. */
function output(shell: RunningShell): Promise<string> {
  return until('something is written', () => {
    return readFileSync(join(shell.folder, 'out'), 'utf8') || undefined;
  });
}

/** A shell command that writes these lines and then stays, without a word, and without the standard input it would inherit. */
const idle = (...lines: string[]): string =>
  `(${lines.map((line) => `echo '${line}'; `).join('')}exec sleep 60 </dev/null)`;
const live = (...lines: string[]): string =>
  `sluice ingest --format json < <${idle(...lines)} | sluice batch 200ms`;
/** A million records a side, or so: more than any pipe holds. */
const long = `seq -f '{"id":%.0f,"t":${start}}' 1000000 | sluice ingest --format json | sluice batch --records 1000`;

describe.concurrent('live streams', () => {
  test('a pair comes as soon as its batches are over, also while both streams are idle then', async (context) => {
    const shell = begin(
      context,
      `${live(record(1, 0))} | sluice join --with <(${live(record(1, 1))}) ${joinOn} | sluice emit --format ndjson > out`,
    );
    expect(await output(shell)).toBe(pair);
  });

  test('a stream that is idle, with empty batches, does not hold back the other', async (context) => {
    const shell = begin(
      context,
      `${live(record(7, 0))} | sluice union <(${live()}) | sluice emit --format ndjson > out`,
    );
    expect(await output(shell)).toBe(`${record(7, 0)}\n`);
  });

  test('blocks pass a union while the other stream says nothing', async (context) => {
    const shell = begin(
      context,
      `sluice ingest < <${idle()} | sluice union <(${idle('a', 'b')} | sluice ingest) | sluice batch 200ms | sluice emit --format csv > out`,
    );
    expect(await output(shell)).toBe('record\na\nb\n');
  });
});

describe.concurrent('a stream that is cut off', () => {
  test('the right one: what came is shown, and the join names it', async (context) => {
    const shell = begin(
      context,
      `mkfifo right; ${live(record(1, 1))} > right & ${live(record(1, 0))} | sluice join --with right ${joinOn} | sluice emit --format ndjson | tee out`,
    );
    expect(await output(shell)).toBe(pair);
    process.kill(victim(shell, 'batch').pid, 'SIGKILL');
    const { stdout, stderr } = await shell.done;
    expect(stdout).toBe(pair);
    expect(stderr).toContain('sluice join: right stopped without an end envelope: whoever wrote it died');
    expect(stderr).toContain('sluice emit: upstream failed: sluice join: right stopped');
  });

  test('the left one', async (context) => {
    const shell = begin(
      context,
      `sluice join --with <(${live(record(1, 1))}) ${joinOn} < <(echo '{"v":1,"batch":0,"part":0,"last":true,"n":0,"records":[]}') | sluice emit`,
    );
    const { stderr, exits } = await shell.done;
    expect(stderr).toContain('sluice join: upstream died: its output stopped without an end envelope');
    expect(exits).toEqual([74, 74]);
  });

  test('the left one, while nobody has opened the named pipe of the right one', async (context) => {
    const dead = `< <(echo '{"v":1,"n":0,"records":[]}')`;
    const shell = begin(context, `mkfifo right; sluice join --with right ${joinOn} ${dead} | sluice emit`);
    expect((await shell.done).exits).toEqual([74, 74]);
  });

  test('of a union, and within a single process', async () => {
    const dead = `printf '{"v":1,"batch":0,"part":0,"last":true,"n":1,"records":["a"]}\\n' > dead.env; echo b > b`;
    const message = 'dead.env stopped without an end envelope: whoever wrote it died';
    const { stdout, stderr, exits } = await runShell(
      `${dead}; sluice run 'ingest b | batch --once | union dead.env | emit --format csv'`,
    );
    expect({ stdout, exits }).toEqual({ stdout: 'record\nb\na\n', exits: [74] });
    expect(stderr).toContain(`sluice union: ${message}`);
  });

  /** Of two stages of a name, the one that was started first: the writer of the named pipe. */
  function victim(shell: RunningShell, name: string): Stage {
    return stagesOf(shell).find((stage) => stage.name === name) as Stage;
  }
});

describe.concurrent('a stream that is slow', () => {
  test('holds back the other one, and nothing is gathered', async (context) => {
    const shell = begin(context, `${long} | sluice join --with <(exec sleep 60) ${joinOn} | sluice emit`);
    // A join may wait for another stream than its standard input, which is what a stage that is ready waits for.
    const stages = await until('all stages run', () => {
      const found = stagesOf(shell);
      return found.length === 4 ? found : undefined;
    });
    await sleep(3000);
    const before = stages.map(bytesRead);
    await sleep(1000);
    for (const [index, stage] of stages.entries()) {
      expect(bytesRead(stage) - (before[index] ?? 0), stage.name).toBeLessThan(megabyte);
      expect(peakMemory(stage), stage.name).toBeLessThan(150 * megabyte);
    }
  });

  test('changes no byte', async () => {
    const lines = 'seq -f \'{"id":%.0f,"t":1772359200}\' 40';
    const stream = `${lines} | sluice ingest --format json | sluice batch --records 3`;
    const slow = `while read -r line; do echo "$line"; sleep 0.03; done`;
    const joined = (left: string, right: string): string =>
      `${stream} | ${left} | sluice join --with <(${stream} | ${right}) ${joinOn} --type full | sluice union <(${stream} | ${right}) | sluice emit --format ndjson`;
    const [even, leftSlow, rightSlow] = await Promise.all(
      [joined('cat', 'cat'), joined(slow, 'cat'), joined('cat', slow)].map((line) => runShell(line)),
    );
    expect(even?.stdout.split('\n')).toHaveLength(81);
    expect([leftSlow?.stdout, rightSlow?.stdout]).toEqual([even?.stdout, even?.stdout]);
  });
});

describe.concurrent('a reader that goes away ends it all', () => {
  test.for([
    ['join', `${long} | sluice join --with <(${long}) ${joinOn} | head -1`],
    ['union', `${long} | sluice union <(${long}) | head -1`],
    [
      'join, with a pipe that says nothing more',
      `${live(record(1, 0))} | sluice join --with <(${live(record(1, 1))}) ${joinOn} | head -1`,
    ],
    [
      'in a single process',
      `${long} > l.env; seq -f '{"id":%.0f,"t":${start}}' 100000 > l; sluice run 'ingest --format json l | batch --records 10 | join --with l.env ${joinOn} | emit --format ndjson' | head -1`,
    ],
  ] as const)('%s', async ([, line], context) => {
    const { stderr, exits, milliseconds } = await begin(context, line).done;
    expect(stderr).toBe('');
    expect(exits.slice(-2)).toEqual([0, 0]);
    expect(milliseconds).toBeLessThan(50_000);
  });
});
