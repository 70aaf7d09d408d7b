// The page of `emit --http` in a real browser: its numbers are those of the sink, nothing comes from elsewhere, and data is
// only ever text.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Browser } from '../helpers/browser.ts';
import { peakMemory, stagesReady, until } from '../helpers/processes.ts';
import { describeWith } from '../helpers/programs.ts';
import { startShell, type RunningShell, type ShellResult } from '../helpers/shell.ts';

// Whole pipelines, on a machine that may be busy.

type Running = {
  readonly shell: RunningShell;
  readonly url: string;
  /** Ends the input. */
  readonly end: () => Promise<ShellResult>;
};

/** Runs `stages`, to which `{http}` is where emit gets its options, on what `input` writes, until `end`. */
async function running(input: string, stages: string): Promise<Running> {
  const options = '--format ndjson --http 127.0.0.1:0';
  const source = `(${input}; while ! [ -e over ]; do sleep 0.1; done)`;
  const shell = startShell(`${source} | ${stages.replace('{http}', options)} 2>errors`);
  onTestFinished(() => shell.signal('SIGKILL'));
  const url = await until(
    'the address is told',
    () => /http:\S+/.exec(readFileSync(join(shell.folder, 'errors'), 'utf8'))?.[0],
  );
  const end = (): Promise<ShellResult> => {
    writeFileSync(join(shell.folder, 'over'), '');
    return shell.done;
  };
  return { shell, url, end };
}

async function browsing(url: string): Promise<Browser> {
  const browser = await Browser.open();
  onTestFinished(() => browser.close());
  await browser.show(url);
  return browser;
}

/** The cells of a table of the page, by rows. */
const cells = (table: string): string =>
  `Array.from(document.querySelectorAll('${table} tbody tr'), (row) => Array.from(row.cells, (cell) => cell.textContent))`;
const state = "document.querySelector('#state').textContent";

describeWith('chromium', 'the page', () => {
  test.each([
    [
      'a pipeline in a shell',
      "sluice ingest --format json | sluice batch 200ms | sluice reduce count 'sum(n)' --by k --running | sluice emit --sort count {http}",
    ],
    [
      'sluice run',
      "sluice run 'ingest --format json | batch 200ms | reduce count sum(n) --by k --running' | sluice emit --sort count {http}".replace(
        "' | sluice emit --sort count {http}",
        " | emit --sort count {http}'",
      ),
    ],
  ])('has the numbers of the sink, of %s', async (_name, stages) => {
    const lines = Array.from({ length: 60 }, (_, index) => `{"k":"k${index % 3}","n":${index}}`);
    const input = `for i in 1 2 3; do printf '%s\\n' '${lines.join("' '")}'; sleep 0.3; done`;
    const { url, end } = await running(input, stages);
    const browser = await browsing(url);
    const rows = await browser.shows<string[][]>(cells('#table'), (shown) => shown[0]?.[1] === '60');
    const batches = await browser.shows<string[][]>(
      cells('#batches'),
      (shown) => shown.reduce((sum, [, , records]) => sum + Number(records), 0) === 180,
    );
    const shownStages = await browser.evaluate<string[][]>(cells('#stages'));
    expect(shownStages.map(([name]) => name)).toEqual(['ingest', 'batch', 'reduce', 'emit']);
    expect(shownStages[1]?.slice(1, 3)).toEqual(['180', '180']);
    expect(await browser.evaluate(state)).toBe('live');
    const { stdout, exits } = await end();
    expect(exits.at(-1)).toBe(0);
    const written = stdout
      .trim()
      .split('\n')
      .map((line) => Object.values(JSON.parse(line) as object).map(String));
    expect(rows).toEqual(written.slice(-3));
    // What emit wrote is what the table of batches says it wrote.
    expect(batches.reduce((sum, [, , , count]) => sum + Number(count), 0)).toBeLessThanOrEqual(
      written.length,
    );
    await browser.shows<string>(state, (shown) => shown === 'the stream has ended');
    // It says so for good, and keeps what it had.
    expect(await browser.evaluate<string[][]>(cells('#table'))).toEqual(rows);
    expect(browser.errors).toEqual([]);
    expect(new Set(browser.requests.map((request) => new URL(request).origin))).toEqual(
      new Set([new URL(url).origin]),
    );
  });

  test('shows data as text, whatever it is', async () => {
    const evil = [
      '<img src=x onerror=alert(1)>',
      '</script><script>alert(2)</script>',
      '"&amp;\\u0000',
      '__proto__',
      '$&',
    ];
    const input = `printf '%s\\n' '${evil.map((k) => JSON.stringify({ k })).join("' '")}'`;
    const { url, end } = await running(
      input,
      'sluice ingest --format json | sluice batch 200ms | sluice reduce count --by k --running | sluice emit {http}',
    );
    const browser = await browsing(url);
    const rows = await browser.shows<string[][]>(cells('#table'), (shown) => shown.length === evil.length);
    expect(new Set(rows.map(([key]) => key))).toEqual(new Set(evil));
    expect(await browser.evaluate('document.images.length + document.scripts.length')).toBe(1);
    expect(await browser.evaluate("document.querySelectorAll('#legend li').length")).toBe(evil.length);
    expect(browser.errors).toEqual([]);
    await end();
  });

  test('shows what nobody would see, and is no wider than the window for a long key', async () => {
    const keys = ['abc\u202edef\u0000', 'x'.repeat(5000)];
    const { url, end } = await running(
      `for i in 1 2 3; do printf '%s\\n' '${keys.map((k) => JSON.stringify({ k })).join("' '")}'; sleep 0.3; done`.replace(
        '\u202e',
        String.raw`\u202e`,
      ),
      'sluice ingest --format json | sluice batch 200ms | sluice reduce count --by k --running | sluice emit {http}',
    );
    const browser = await browsing(url);
    const rows = await browser.shows<string[][]>(cells('#table'), (shown) => shown[0]?.[1] === '3');
    expect(rows.map(([key]) => key)).toContain(String.raw`abc\u202edef\u0000`);
    await browser.shows<number>("document.querySelectorAll('#legend li').length", (count) => count === 2);
    expect(await browser.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
      0,
    );
    await end();
  });

  test('draws, filters, sorts and pauses, in light and in dark', async () => {
    const input = "for i in 1 2 3 4 5 6; do printf 'a 1\\na 2\\nb 9\\nc 3\\n'; sleep 0.25; done";
    const { url, end } = await running(
      input,
      "sluice ingest | sluice batch 200ms | sluice reduce count 'sum($2)' --by 'key=$1' --running | sluice emit {http}",
    );
    const browser = await browsing(url);
    await browser.shows<string[][]>(cells('#table'), (shown) => shown[0]?.[1] === '12');
    const keys = async (): Promise<(string | undefined)[]> =>
      (await browser.evaluate<string[][]>(cells('#table'))).map(([key]) => key);
    const click = (column: number): Promise<unknown> =>
      browser.evaluate(`document.querySelectorAll('#table th button')[${column}].click()`);
    await click(2);
    expect(await keys()).toEqual(['b', 'a', 'c']);
    await click(2);
    expect(await keys()).toEqual(['a', 'c', 'b']);
    await browser.evaluate(
      "{ const filter = document.querySelector('#filter'); filter.value = 'B'; filter.dispatchEvent(new Event('input')); }",
    );
    expect(await keys()).toEqual(['b']);
    expect(await browser.evaluate("document.querySelectorAll('#lines path').length")).toBe(3);
    expect(await browser.evaluate("document.querySelectorAll('#timelines path.area').length")).toBe(4);
    const light = await browser.screenshot();
    await browser.inDark();
    const dark = await browser.screenshot();
    expect(Math.min(light.length, dark.length)).toBeGreaterThan(20_000);
    const background = 'getComputedStyle(document.body).backgroundColor';
    expect(await browser.evaluate(background)).toBe('rgb(16, 19, 24)');
    await end();
  });
});

test('everything else is refused by the policy of the page, and other names are not answered', async () => {
  const { url, end } = await running(
    'true',
    'sluice ingest | sluice batch 200ms | sluice reduce count | sluice emit {http}',
  );
  const response = await fetch(url);
  const policy = response.headers.get('Content-Security-Policy') ?? '';
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; /,
  );
  expect(policy).not.toMatch(/unsafe/);
  const html = await response.text();
  expect(html.match(/(src|href)="(?!data:)[^"]*"/g)).toBeNull();
  expect(html).toContain('EventSource');
  await end();
});

test('readers that do not read hold nobody up, and cost a bounded amount of memory', async () => {
  const row = 'x'.repeat(2000);
  const { shell, url, end } = await running(
    `for i in $(seq 1 80); do for j in $(seq 1 40); do echo "$i-$j-${row}"; done; sleep 0.05; done`,
    "sluice ingest | sluice batch 50ms | sluice reduce count --by '$1' | sluice emit {http}",
  );
  const port = Number(new URL(url).port);
  const sockets = Array.from({ length: 40 }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket.pause();
  });
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  const stages = await stagesReady(shell, 4);
  const emit = stages.find(({ name }) => name === 'emit');
  let peak = 0;
  const looking = setInterval(() => {
    // It may be over already.
    if (emit) peak = Math.max(peak, peakMemory(emit));
  }, 50);
  const { exits, stdout } = await end();
  clearInterval(looking);
  expect(exits.at(-1)).toBe(0);
  expect(stdout.trim().split('\n').length).toBeGreaterThan(3000);
  // A third of that is Node.
  expect(peak / 1024 ** 2).toBeGreaterThan(30);
  expect(peak / 1024 ** 2).toBeLessThan(250);
});

test('the page is in the npm package', () => {
  const folder = fileURLToPath(new URL('../../', import.meta.url));
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(listed) as [{ files: { path: string }[] }];
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['dist/page/index.html', 'dist/page/page.css', 'dist/page/page.js']),
  );
});
