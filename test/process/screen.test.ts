// The live screen in a real terminal, a window of tmux: golden captures, keys, resizing, and how it is left. The input is
// recorded; what depends on the clock, the line on what the pipeline does, is masked.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../helpers/java.js';
import { until } from '../helpers/processes.ts';
import { describeWith } from '../helpers/programs.ts';
import { harmless } from '../helpers/sockets.ts';
import { TmuxWindow } from '../helpers/tmux.ts';

// Whole pipelines, on a machine that may be busy.

// Kept open, as a stream that is idle.
const input = '(cat fixtures/windows-by-path.ndjson; sleep 60)';
const newest = /10:03:50Z to 10:04:00Z[^]*batch 23 [^]*q quit/;
const spinner = /^. (batch 23|waiting|[\d.kM]+ records).*$/m;

async function opened(columns: number, rows: number, line: string, environment = {}): Promise<TmuxWindow> {
  const window = await TmuxWindow.open(columns, rows, environment);
  onTestFinished(() => window.close());
  await window.type('clear; ', line, 'Enter');
  return window;
}

const masked = (text: string): string => `${text.replace(spinner, '(what the pipeline does)')}\n`;

describeWith('tmux', 'the live screen', () => {
  test.each([
    { columns: 80, rows: 24, chart: 'bar' },
    { columns: 80, rows: 24, chart: 'line' },
    { columns: 80, rows: 24, chart: 'heatmap' },
    { columns: 200, rows: 50, chart: 'bar' },
    { columns: 200, rows: 50, chart: 'line' },
    { columns: 200, rows: 50, chart: 'heatmap' },
    { columns: 40, rows: 8, chart: 'bar' },
  ])('$columns×$rows, $chart', async ({ columns, rows, chart }) => {
    const window = await opened(columns, rows, `${input} | sluice emit --sort count --chart ${chart}`);
    // At 40 columns there is no room for all of its words.
    const screen = await window.shows(
      columns < 80 ? /10:03:50Z[^]*\n. (batch 23|\d+ records)[^]*\ns sort/ : newest,
    );
    const name = `${columns}x${rows}-${chart}.txt`;
    await expect(masked(screen)).toMatchFileSnapshot(join(import.meta.dirname, 'screens', name));
  });

  test('keys that are wider than the screen are cut, and what they count is seen', async () => {
    const rows = String.raw`(printf '{"path":"/%0200d","count":%d}\n' 1 17 2 4; sleep 60)`;
    const window = await opened(
      80,
      24,
      `${rows} | sluice ingest --format json | sluice batch --records 2 | sluice emit`,
    );
    expect(await window.shows(/q quit/)).toMatch(
      /\n\/0{30,64}…0+1     17  \S+\n\/0{30,64}…0+2      4  \S+\n/,
    );
  });

  test('keys sort, filter, pause, change the chart and quit; the terminal is as it was', async () => {
    const window = await opened(80, 24, `${input} | sluice emit --sort count`);
    await window.shows(newest);
    expect(await window.isCursorVisible()).toBe(false);
    await window.type('s');
    expect(await window.shows(/by ms/)).toMatch(/\n\/\\x1b\S+ +46 +10.8 [^]*\n\/ +221 +4 /);
    await window.type('r');
    expect(await window.shows(/by ms, reversed/)).toMatch(/\n\/ +221 +4 [^]*\n\/\\x1b\S+ +46 +10.8 /);
    await window.type('/', 'API', 'Enter');
    expect(await window.shows(/only 'API'/)).not.toMatch(/logo/);
    await window.type('Escape', 'c');
    await window.shows(/●/);
    await window.type(' ');
    await window.shows(/paused/);
    await window.type('q');
    await window.shows(/\n\$$/);
    await window.type("stty -a | grep -oE -- '-?(icanon|echo|isig) '", 'Enter');
    expect(await window.shows(/isig[^]*icanon[^]*\$$/)).toMatch(/\nisig\s+icanon\s+echo\s/);
    expect(await window.isCursorVisible()).toBe(true);
  });

  test.each(['C-c', 'kill -TERM', 'kill -HUP', 'kill -QUIT', 'C-z'])(
    'is left in order by %s',
    async (how) => {
      const window = await opened(80, 24, `${input} | sh -c 'echo $$ >pid; exec sluice emit'`);
      await window.shows(newest);
      if (how.startsWith('C-')) await window.type(how);
      else {
        const signal = `SIG${how.split('-')[1]}` as NodeJS.Signals;
        process.kill(Number(readFileSync(join(window.workFolder, 'pid'), 'utf8')), signal);
        // What is in front of it goes on, and has to be ended.
        await window.type('C-c');
      }
      await window.shows(/\n\$$/);
      await window.type('stty -a | grep -oE -- "-?(icanon|echo) "', 'Enter');
      expect(await window.shows(/icanon[^]*echo[^]*\$$/)).toMatch(/\nicanon\s+echo\s/);
      expect(await window.isCursorVisible()).toBe(true);
    },
  );

  test('is taken up again after Ctrl-Z and fg', async () => {
    const window = await opened(80, 24, `${input} | sluice emit`);
    await window.shows(newest);
    await window.type('C-z');
    await window.shows(/Stopped[^]*\$$/);
    await window.type('clear; fg', 'Enter');
    await window.shows(newest);
    await window.type('c');
    await window.shows(/●/);
  });

  test('whatever the height of a chart, what is below it is there once', async () => {
    const window = await opened(80, 24, `${input} | sluice emit --sort count`);
    await window.shows(newest);
    for (const chart of [/●/, /░/, /logo.png +21 +6.4 *\n/, /█▋/]) {
      await window.type('c');
      const screen = await window.shows(new RegExp(`${chart.source}[^]*q quit *$`));
      expect(screen.match(/batch 23 /g)).toHaveLength(1);
      expect(screen.match(/^window /gm)).toHaveLength(1);
    }
  });

  test('what other stages have to say stands above it, and at the end below', async () => {
    const [port] = (await freePorts(1)) as [number];
    const source = `sluice ingest --format json --on-error skip tcp://127.0.0.1:${port}`;
    const window = await opened(
      80,
      24,
      `${source} | sluice batch 1s | sluice reduce count --by k --running | sluice emit`,
    );
    const retries = /^sluice ingest: tcp:[^]*ECONNREFUSED[^]*\n. (waiting|batch \d)[^]*q quit *$/m;
    const before = await window.shows(retries);
    expect(before.match(/q quit/g)).toHaveLength(1);
    const server = createServer((socket) => harmless(socket).end('{"k":"one"}\nnot json\n{"k":"two"}\n'));
    await once(server.listen(port, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    await window.shows(/\none +1[^]*\ntwo +1[^]*q quit *$/);
    server.close();
    await window.type('C-c');
    const after = await window.shows(/\nsluice ingest: 1 record rejected[^]*\n\$$/);
    expect(after).not.toMatch(/q quit|waiting/);
    expect(after.match(/^k +count/gm)?.length).toBe(1);
  });

  test('nor does the line on what the pipeline does draw over them', async () => {
    const rejecting = `(for i in 1 2 3 4 5 6 7 8 9; do printf '{"k":1}\\nnot json\\n'; sleep 0.2; done)`;
    const window = await opened(
      100,
      24,
      `${rejecting} | sluice ingest --format json --on-error skip | sluice batch 200ms | sluice emit rows.csv`,
    );
    await window.shows(/^. batch \d+ · /m);
    const after = await window.shows(/rejected[^]*\n\$$/);
    expect(after).toMatch(/^sluice ingest: 9 records rejected/m);
    expect(after).not.toMatch(/batch \d/);
  });

  test('follows the size of the window', async () => {
    const window = await opened(120, 30, `${input} | sluice emit`);
    await window.shows(newest);
    await window.resize(60, 12);
    await window.resize(70, 20);
    const narrow = await window.shows(/^window [^]*q quit$/);
    expect(narrow.match(/^window/gm)).toHaveLength(1);
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThan(70);
    await window.resize(120, 30);
    await window.shows(/^window [^\n]*\n[^\n]*\n[^\n]{71,}\n[^]*q quit$/);
  });

  test('in the background the keys are left alone', async () => {
    const window = await opened(80, 24, `${input} | sluice emit &`);
    await window.shows(/10:03:50Z to 10:04:00Z[^]*batch 23/);
    await window.type('echo typed >mark', 'Enter');
    // The screen is drawn over what the shell writes.
    await until(
      'the shell gets what is typed',
      () => existsSync(join(window.workFolder, 'mark')) || undefined,
    );
  });

  test('without colours it says the same', async () => {
    const window = await opened(80, 24, `${input} | sluice emit --sort count --chart bar`, { NO_COLOR: '1' });
    const name = '80x24-bar.txt';
    await expect(masked(await window.shows(newest))).toMatchFileSnapshot(
      join(import.meta.dirname, 'screens', name),
    );
  });

  test('of a finite input tells how far it is, and how long it will take', async () => {
    const window = await opened(
      80,
      24,
      // Held back, so that it takes some seconds on any machine.
      'seq 400000 >n; sluice ingest --max-rate 80000 n | sluice batch --once | sluice map --filter "x => x > 1" | sluice reduce count | sluice emit',
    );
    await window.shows(/\d+% of 2\.7 MB, [\dms.]+ left/);
    await window.shows(/batch 0\n +count\n399999\n\$$/);
  });
});
