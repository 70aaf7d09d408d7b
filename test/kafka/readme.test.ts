// The README's blocks that want a broker, run as they stand, but for the port.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { blocksOf } from '../helpers/blocks.ts';
import { describeWithKafka } from './with-broker.ts';

const root = resolve(import.meta.dirname, '../..');
const blocks = blocksOf(readFileSync(join(root, 'README.md'), 'utf8')).filter(({ marks }) =>
  marks.includes('kafka'),
);
const folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
symlinkSync(join(root, 'bin/sluice.js'), join(folder, 'sluice'));
const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, TZ: 'UTC' };
afterAll(() => rmSync(folder, { recursive: true }));

describeWithKafka('the README', { createsTopics: true }, (broker) => {
  const here = (script: string): string => script.replaceAll('127.0.0.1:9092', broker().bootstrap);
  const [plain, live] = [false, true].map((isLive) =>
    blocks.filter(({ marks }) => marks.includes('live') === isLive),
  );

  test.each(plain ?? [])('$script', ({ script, output }) => {
    const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', here(script)], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect({ stderr, status, stdout }).toEqual({ stderr: '', status: 0, stdout: output });
  });

  test.each(live ?? [])('$script', async ({ script }) => {
    const shell = spawn('bash', ['-c', `set -o pipefail; ${here(script)}`], {
      cwd: folder,
      env,
      detached: true,
    });
    let stdout = '';
    shell.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const ended = new Promise((settle) => shell.on('exit', settle));
    await sleep(2000);
    spawnSync(
      'bash',
      [
        '-c',
        here(
          `yes LIVE cart | head -1000 | sluice ingest | sluice batch --once | sluice emit kafka://127.0.0.1:9092/lines`,
        ),
      ],
      { env },
    );
    for (const deadline = Date.now() + 25_000; !/^LIVE/m.test(stdout) && Date.now() < deadline;)
      await sleep(100);
    process.kill(-(shell.pid ?? 0), 'SIGINT');
    await ended;
    expect(stdout).toMatch(/^window 2.*\(30s\)/m);
    expect(stdout).toMatch(/^LIVE +1000$/m);
  });
});
