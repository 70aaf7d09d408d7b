// The README is a test: every `sh` block is run as it stands, in one folder, in order, and a `text` block behind it is
// what it has to print. Tables marked as generated come from the code (npm run man writes them).
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { loadAllCommands } from '../src/commands.ts';
import { exitCodes } from '../src/exit-codes.ts';
import { blocksOf } from './helpers/blocks.ts';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
symlinkSync(join(root, 'bin/sluice.js'), join(folder, 'sluice'));
const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, TZ: 'UTC' };
afterAll(() => rmSync(folder, { recursive: true }));

// Those that want a broker are in test/kafka/readme.test.ts, those that want a socket in test/readme-sockets.test.ts.
const ownBlocks = blocksOf(readme).filter(
  ({ marks }) => !marks.includes('kafka') && !marks.includes('socket'),
);
const blocks = ownBlocks.map(({ script, output, marks }) => ({
  name: script.split('\n').find((line) => !line.startsWith('printf')) ?? '',
  script,
  output,
  kind: script.startsWith('npm ') ? 'set-up' : marks.includes('live') ? 'live' : 'plain',
}));

test('has blocks of each kind', () => {
  expect(new Set(blocks.map(({ kind }) => kind))).toEqual(new Set(['set-up', 'live', 'plain']));
});

test.each(blocks.filter(({ kind }) => kind === 'plain'))('$name', ({ script, output }) => {
  const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', script], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toBe(output);
});

test.each(blocks.filter(({ kind }) => kind === 'live'))('$name', async ({ script }) => {
  // Whoever runs the tests may have something at the ports that are written there.
  const free = script.replace(/(127\.0\.0\.1):\d+/g, '$1:0');
  const shell = spawn('bash', ['-c', `set -o pipefail; ${free}`], { cwd: folder, env, detached: true });
  let stdout = '';
  shell.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const ended = new Promise((settle) => shell.on('exit', settle));
  await sleep(2500);
  appendFileSync(join(folder, 'app.log'), 'LIVE /cart 200\n'.repeat(1000));
  await sleep(2500);
  process.kill(-(shell.pid ?? 0), 'SIGINT');
  await ended;
  expect(stdout).toMatch(/^(window|batch \d+) 2/);
  expect(stdout).toMatch(/^LIVE +1000$/m);
});

test('the two commands exist, and the demo shows windows', () => {
  const scripts = (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  ).scripts;
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']));
  const { stdout, status } = spawnSync('npm', ['run', 'demo', '--', '3'], { cwd: root, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^window .* \(10s\)\nword +count\nINFO +\d+$/m);
});

test('its tables are what the code says', async () => {
  const stages = (await loadAllCommands()).flatMap((command) =>
    command.kind === 'stage' ? [`| \`${command.name}\` | ${command.summary} | ${command.flow} |`] : [],
  );
  const codes = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const withStages = regenerate(readme, 'stages', [
    '| stage | what it does | in → out |',
    '| --- | --- | --- |',
    ...stages,
  ]);
  const whole = regenerate(withStages, 'exit codes', ['| code | meaning |', '| --- | --- |', ...codes]);
  await expect(whole).toMatchFileSnapshot('../README.md');
});

function regenerate(text: string, name: string, lines: readonly string[]): string {
  const section = new RegExp(`(<!-- generated: ${name} -->\n\n)[^]*?(\n<!-- /generated -->)`);
  expect(text).toMatch(section);
  return text.replace(section, (_, open: string, close: string) => `${open}${lines.join('\n')}\n${close}`);
}
