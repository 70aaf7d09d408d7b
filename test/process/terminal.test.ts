// emit on a terminal (a pseudo-terminal of 80×24 by script(1)): what is drawn, and what must never get there.
import { describe, expect, test } from 'vitest';
import { Screen } from '../helpers/screen.ts';
import { runShell, type ShellResult } from '../helpers/shell.ts';

type Shown = { readonly screen: Screen; readonly raw: string; readonly exits: readonly number[] };

/** Runs `line` on a terminal; what it holds must not have single quotes. */
async function onTerminal(line: string, environment: Record<string, string> = {}): Promise<Shown> {
  const { stdout, exits }: ShellResult = await runShell(
    `script -qec 'stty rows 24 cols 80; ${line}' /dev/null`,
    { environment: { TERM: 'xterm-256color', ...environment } },
  );
  const screen = new Screen();
  screen.write(stdout);
  return { screen, raw: stdout, exits };
}

const live =
  '(head -3 fixtures/batches-10s.ndjson; sleep 0.7; tail -2 fixtures/batches-10s.ndjson; sleep 0.7)';
const lastBatch =
  'batch 4 2026-03-01T10:00:40Z to 10:00:50Z (10s)\nword   count\nblue       1\ngreen      2\nred        1';

describe.concurrent('the live table', () => {
  test('is redrawn in place, and the last one stays', async () => {
    const { screen, raw, exits } = await onTerminal(
      `${live} | sluice reduce --words | sluice emit --chart none`,
    );
    expect(raw).toContain('batch 2');
    expect(screen.text).toBe(lastBatch.replace('green      2', 'green      1'));
    expect(screen.redraws).toBeGreaterThan(3);
    expect(screen.mostRows).toBeLessThan(10);
    expect(screen.isCursorHidden).toBe(false);
    expect(exits).toEqual([0]);
  });

  test('says below it what the whole pipeline does', async () => {
    const { raw } = await onTerminal(
      '(cat fixtures/app.log; sleep 1) | sluice ingest | sluice batch 200ms | sluice reduce count | sluice emit',
    );
    expect(raw).toMatch(/batch \d+ · \d+ records \(\d+\/s\) · .*busiest: \w+ \d+%/);
  });

  test('is cut to the screen, in both directions', async () => {
    const { screen, exits } = await onTerminal(
      'seq -f "%030g and a tail that is longer than the screen is wide, by far" 200 | sluice ingest | sluice batch --once | sluice emit',
    );
    expect(screen.mostRows).toBeLessThanOrEqual(24);
    expect(screen.mostColumns).toBeLessThanOrEqual(80);
    expect(screen.text).toMatch(/^batch 0\nrecord\n0{29}1 and/);
    expect(screen.text).toMatch(/… and 18\d more$/);
    expect(exits).toEqual([0]);
  });

  test('does not flicker between windows: batches that close none leave it alone', async () => {
    const { raw, screen } = await onTerminal(
      '(cat fixtures/batches-10s.ndjson; sleep 0.5) | sluice window 20s | sluice reduce --words | sluice emit',
    );
    expect(raw).not.toContain('(no rows)');
    expect(raw).not.toMatch(/batch \d+ 2026/);
    expect(screen.text).toMatch(/^window 2026-03-01T10:00:40Z to 10:01:00Z \(20s\)\n/);
  });

  test('of a failed pipeline stays, with the message behind it', async () => {
    const { screen, exits } = await onTerminal(
      '(head -1 fixtures/batches-10s.ndjson; sleep 0.5; echo oops) | sluice reduce --words 2>/dev/null | sluice emit',
    );
    expect(screen.text).toContain('red       2');
    expect(screen.text).toContain(
      '\nsluice emit: upstream failed: sluice reduce: not an envelope, line 2: it is no JSON\n',
    );
    expect(screen.isCursorHidden).toBe(false);
    expect(exits).toEqual([74]);
  });
});

describe.concurrent('sinks that are files', () => {
  const input = '(cat fixtures/app.log; sleep 1)';
  const shared = 'ingest | batch 200ms | reduce count';

  test('leave the terminal to the line on what the pipeline does', async () => {
    const { raw, screen } = await onTerminal(
      `${input} | sluice ingest | sluice batch 200ms | sluice reduce count | sluice emit a.csv`,
    );
    expect(raw).toMatch(/batch \d+ · \d+ records \(\d+\/s\) · .*busiest: \w+ \d+%/);
    expect(screen.text).toBe('');
  });

  test('of several branches one shows it', async () => {
    const { raw, screen } = await onTerminal(
      `${input} | sluice run "${shared} | emit a.csv ; ${shared} | emit b.csv"`,
    );
    expect(raw).toMatch(/busiest/);
    expect(screen.mostRows).toBe(1);
    expect(screen.text).toBe('');
  });

  test('beside a table that is drawn show nothing', async () => {
    const { screen } = await onTerminal(
      `${input} | sluice run "${shared} | emit a.csv ; ${shared} | emit ; ${shared} | emit b.csv"`,
    );
    expect(screen.text).toMatch(/^batch \d+ .*\ncount\n +\d+  [▁█ ]+$/);
    expect(screen.mostRows).toBeLessThan(7);
    expect(screen.isCursorHidden).toBe(false);
  });
});

describe.concurrent('colours', () => {
  const line = 'sluice emit < fixtures/batches-10s.ndjson';

  test('on a terminal', async () => {
    expect((await onTerminal(line)).screen.hasColor).toBe(true);
  });

  test.for<[string, string, Record<string, string>]>([
    ['NO_COLOR', line, { NO_COLOR: '1' }],
    ['--color never', line.replace('emit', 'emit --color never'), {}],
    ['TERM=dumb', line, { TERM: 'dumb' }],
  ])('none with %s', async ([, command, environment]) => {
    expect((await onTerminal(command, environment)).screen.hasColor).toBe(false);
  });

  test('NO_COLOR that is empty does not count', async () => {
    expect((await onTerminal(line, { NO_COLOR: '' })).screen.hasColor).toBe(true);
  });

  test('--color always beats NO_COLOR', async () => {
    const { screen } = await onTerminal('sluice emit --color always < fixtures/batches-10s.ndjson', {
      NO_COLOR: '1',
    });
    expect(screen.hasColor).toBe(true);
  });
});

test.concurrent('TERM=dumb gets plain tables one after another', async () => {
  const { raw } = await onTerminal('sluice emit < fixtures/batches-10s.ndjson', { TERM: 'dumb' });
  expect(raw).not.toContain('\u001b');
  expect(raw.match(/^batch \d/gm)).toHaveLength(5);
});

describe.concurrent('escape sequences in the data never reach the terminal (fault 16)', () => {
  test.for(['table', 'ndjson', 'csv', 'tsv'])('--format %s', async (format) => {
    const { screen, exits } = await onTerminal(
      `sluice ingest fixtures/escapes.log | sluice batch --once | sluice emit --format ${format}`,
    );
    expect(screen.text).toContain('owned');
    expect(exits).toEqual([0]);
  });

  test('in names of columns, in messages and in paths', async () => {
    const evil = '\\033]0;owned\\007\\302\\233';
    const named = await onTerminal(
      `printf "{\\"records\\":[{\\"${evil.replaceAll('\\', '\\')}x\\":1}]}\\n" | sluice reduce count | sluice emit`,
    );
    expect(named.exits).toEqual([65 + 9]);
    const { screen } = await onTerminal(`sluice ingest "$(printf "${evil}")" >/dev/null`);
    expect(screen.text).toContain('\\x1b]0;owned\\x07');
  });

  test('in envelopes that a stage writes to the terminal', async () => {
    const { screen } = await onTerminal('sluice ingest fixtures/escapes.log');
    expect(screen.text).toContain('owned');
  });
});

describe.concurrent('progress on standard error, where rows go elsewhere', () => {
  const line =
    '(cat fixtures/app.log; sleep 1) | sluice ingest | sluice batch 200ms | sluice emit --format ndjson';

  test('is shown on a terminal, and gone at the end', async () => {
    const { raw, screen, exits } = await onTerminal(`${line} >rows.ndjson`);
    expect(raw).toContain('9 records');
    expect(screen.text).toBe('');
    expect(screen.isCursorHidden).toBe(false);
    expect(exits).toEqual([0]);
  });

  test('is not shown in between of rows', async () => {
    const { raw } = await onTerminal(line);
    expect(raw).not.toContain('records');
  });
});
