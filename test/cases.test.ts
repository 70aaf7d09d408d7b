// Golden cases: each test/cases/<stage>-<topic>/<nnnn>/cmd is a shell line that a user could type; what it writes and
// how its commands exit stand beside it. `npx vitest run test/cases -u` writes them anew: review the diff.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { runShell } from './helpers/shell.ts';

const casesFolder = fileURLToPath(new URL('cases', import.meta.url));

const cases = readdirSync(casesFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('/cmd'))
  .map((path) => path.slice(0, -'/cmd'.length))
  .sort();

/** Reports of a stage that waits, which come where the machine is busy. */
const heartbeat = /^\{"v":1,"n":0,"stages":.*"records":\[\]\}\n/gm;

test.concurrent.for(cases)('%s', async (name, { expect }) => {
  const folder = join(casesFolder, name);
  const { stdout, stderr, exits } = await runShell(readFileSync(join(folder, 'cmd'), 'utf8'));
  await expect(stdout.replace(heartbeat, '')).toMatchFileSnapshot(join(folder, 'stdout'));
  await expect(stderr).toMatchFileSnapshot(join(folder, 'stderr'));
  await expect(`${exits.join(' ')}\n`).toMatchFileSnapshot(join(folder, 'exit'));
});
