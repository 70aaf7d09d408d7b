// Inputs and outputs that are not what one expects: closed, full, a directory, a terminal, or very long.
import { describe, expect, test } from 'vitest';
import { peakMemory, stagesOf, until } from '../helpers/processes.ts';
import { runShell, startShell, type RunningShell } from '../helpers/shell.ts';

const envelopes = `printf '{"from":0,"to":1000,"records":["a b"]}\\n'`;
const stages = ['batch --once', 'window 1s', 'reduce --words', 'emit'] as const;
const megabyte = 1024 * 1024;

/** The most memory that any stage of `shell` had until all of them ended. */
async function highestPeak(shell: RunningShell): Promise<number> {
  let peak = 0;
  const watch = setInterval(() => {
    for (const stage of stagesOf(shell)) peak = Math.max(peak, peakMemory(stage));
  }, 50);
  await shell.done.finally(() => clearInterval(watch));
  return peak;
}

describe.concurrent('standard input (fault 39)', () => {
  test('closed is an empty one', async () => {
    expect(
      await runShell(
        'sluice ingest <&- | sluice batch --once | sluice reduce count | sluice emit --format csv',
      ),
    ).toMatchObject({ stdout: 'count\n0\n', stderr: '', exits: [0, 0, 0, 0] });
  });

  test.for(['ingest', ...stages])('of %s a directory', async (stage) => {
    const { stderr, exits } = await runShell(`sluice ${stage} < fixtures | cat`);
    expect(stderr).toBe(`sluice ${stage.split(' ')[0]}: cannot read standard input: it is a directory\n`);
    expect(exits).toEqual([74, 0]);
  });

  test.for(stages)('of %s a terminal', async (stage) => {
    const { stdout, exits } = await runShell(`script -qec 'sluice ${stage} 2>&1 >/dev/null' /dev/null`);
    expect(stdout).toContain(
      `sluice ${stage.split(' ')[0]}: standard input is a terminal\r\n  hint: it reads envelopes from a pipe`,
    );
    expect(exits).toEqual([2]);
  });

  test('of ingest a terminal: lines are typed', async () => {
    const typing = '(sleep 1; echo typed; sleep 0.5)';
    const { stdout, exits } = await runShell(
      `${typing} | script -qec 'stty -echo rows 24 cols 80; sluice ingest | sluice batch --once | sluice emit --format ndjson | cat' /dev/null`,
    );
    expect(stdout).toContain('"typed"\r\n');
    expect(exits).toEqual([0, 0]);
  });
});

describe.concurrent('standard output (faults 4 and 39)', () => {
  test.for(['ingest', ...stages])('of %s full', async (stage) => {
    const { stderr, exits } = await runShell(`${envelopes} | sluice ${stage} > /dev/full`);
    expect(stderr).toMatch(
      /^sluice \w+: cannot write to standard output: no space left on the disk\n {2}hint: .*\n$/,
    );
    expect(exits).toEqual([0, 74]);
  });

  test.for(['ingest', ...stages])('of %s closed', async (stage) => {
    expect(await runShell(`${envelopes} | sluice ${stage} >&-`)).toMatchObject({
      stdout: '',
      stderr: '',
      exits: [0, 0],
    });
  });

  test('full, with standard error closed or full too', async () => {
    expect(await runShell(`${envelopes} | sluice emit >/dev/full 2>&-`)).toMatchObject({ exits: [0, 74] });
    expect(await runShell(`${envelopes} | sluice emit >/dev/full 2>/dev/full`)).toMatchObject({
      exits: [0, 74],
    });
  });
});

describe.concurrent('a line of 100 MB (fault 15)', () => {
  const long = `head -c 100000000 /dev/zero | tr '\\0' x`;

  test('is cut off, with memory that does not depend on its length, and the next one is whole', async () => {
    const shell = startShell(
      `(${long}; echo; echo short) | sluice ingest | sluice batch --once | sluice reduce --words | sluice emit --format csv`,
    );
    const peak = await highestPeak(shell);
    const { stdout, stderr, exits } = await shell.done;
    const [, short, ...rest] = stdout.trimEnd().split('\n');
    expect([short, ...rest].map((row) => row?.replace(/^x+/, (run) => String(run.length)))).toEqual([
      'short,1',
      `${megabyte},1`,
    ]);
    expect(stderr).toBe(
      `sluice ingest: 1 line was cut off at ${megabyte} bytes\n  hint: a larger --max-record keeps more of them\n`,
    );
    expect(exits).toEqual([0, 0, 0, 0, 0]);
    expect(peak).toBeGreaterThan(megabyte);
    expect(peak).toBeLessThan(150 * megabyte);
  });

  test.for([
    'yes "a line of text" | head -c 300000000 | sluice ingest >/dev/null',
    'yes "a line of text" | head -c 300000000 >big.log; sluice ingest big.log >/dev/null',
  ])('neither does it depend on the number of lines: %s', async (line) => {
    const shell = startShell(line);
    const peak = await highestPeak(shell);
    expect(peak).toBeGreaterThan(megabyte);
    expect(peak).toBeLessThan(150 * megabyte);
  });

  test('without an end', async () => {
    const { stdout, exits } = await runShell(
      `${long} | sluice ingest --max-record 10 | sluice batch --once | sluice emit --format ndjson`,
    );
    expect(stdout).toBe('"xxxxxxxxxx"\n');
    expect(exits.slice(-3)).toEqual([0, 0, 0]);
  });

  test('as an envelope is refused', async () => {
    const { stdout, stderr, exits } = await runShell(
      `(printf '{"records":["'; ${long}; printf '"]}\\n') | sluice emit`,
    );
    expect({ stdout, exit: exits.at(-1) }).toEqual({ stdout: '', exit: 65 });
    expect(stderr).toMatch(/^sluice emit: not an envelope, line 1: longer than 64 MiB\n/);
  });
});

test.concurrent('a mistake in one stage reaches emit, and ends the stages before it', async () => {
  const { stdout, stderr, exits } = await runShell(
    'yes | sluice ingest | sluice batch --records 10 | sluice reduce --wrods | sluice emit',
  );
  expect(exits).toEqual([141, 0, 0, 2, 74]);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    'sluice reduce: unknown option --wrods\n  hint: did you mean --words?\nsluice emit: upstream failed: sluice reduce: unknown option --wrods\n  hint: what came before is shown above\n',
  );
});

test.concurrent('a file that grows while it is read is read up to its end', async () => {
  const shell = startShell(
    `cp fixtures/app.log growing.log; (sleep 0.2; echo more >> growing.log) & sluice ingest growing.log | sluice batch --once | sluice reduce count | sluice emit --format csv; wait`,
  );
  const { stdout } = await shell.done;
  expect(stdout).toMatch(/^count\n(9|10)\n$/);
  await until('all of its processes are gone', () => (stagesOf(shell).length === 0 ? true : undefined));
});
