// The blocks of the README that want somebody at the other end of a socket. Ports are others here, since those may be taken.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { blocksOf, type Block } from './helpers/blocks.ts';
import { freePorts, takesConnections } from './helpers/java.js';
import { until } from './helpers/processes.ts';
import { startShell } from './helpers/shell.ts';

const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');
const [words, flume] = blocksOf(readme).filter(({ marks }) => marks.includes('socket')) as [Block, Block];
const isMissing = spawnSync('nc', ['-h']).error !== undefined;
if (isMissing && process.env['CI'])
  throw new Error('nc is not installed: in CI, what needs it has to be tested');
if (isMissing) console.warn('not tested, since nc is not installed: the word count over a socket');

test.skipIf(isMissing)('words that are typed into nc are counted, as in Spark’s quick example', async () => {
  const [port] = (await freePorts(1)) as [number];
  expect(readme).toContain('`nc -lk 9999` runs in one terminal');
  const typing = spawn('nc', ['-lkv', String(port)], { stdio: ['pipe', 'ignore', 'pipe'] });
  onTestFinished(() => void typing.kill());
  let said = '';
  typing.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await until('nc listens', () => (/listening/i.test(said) ? true : undefined));
  const shell = startShell(
    `${words.script.trim().replace('9999', String(port))} | (trap '' INT; exec tee out)`,
  );
  onTestFinished(() => shell.signal('SIGKILL'));
  await until('sluice has connected', () => (/received/i.test(said) ? true : undefined));
  typing.stdin.write('hello world hello\n');
  const [, ...rows] = (words.output ?? '').trimEnd().split('\n');
  await until('the words are counted', () => {
    const shown = readFileSync(join(shell.folder, 'out'), 'utf8');
    return shown.includes(rows.join('\n')) ? true : undefined;
  });
  shell.signal('SIGINT');
  expect(await shell.done).toMatchObject({ stderr: '', exits: [0, 0, 0, 0, 0] });
});

test('the line for Flume agents runs, and ends well', async () => {
  const [port] = (await freePorts(1)) as [number];
  const shell = startShell(flume.script.trim().replace('0.0.0.0:4141', `127.0.0.1:${port}`), {});
  onTestFinished(() => shell.signal('SIGKILL'));
  await until('it listens', async () => ((await takesConnections(port)) ? true : undefined));
  await sleep(200);
  shell.signal('SIGINT');
  expect(await shell.done).toMatchObject({ stderr: '', exits: [0, 0, 0, 0] });
});
