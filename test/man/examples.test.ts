// The examples in man/examples are tests: each `sh` block of a page is run as it stands, in one folder and in order.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf } from '../helpers/blocks.ts';
import { runShell } from '../helpers/shell.ts';

const folder = new URL('../../man/examples/', import.meta.url);

test.concurrent.for(readdirSync(folder))('man/examples/%s', async (name) => {
  const page = readFileSync(new URL(name, folder), 'utf8');
  const separator = '--- next block ---';
  const blocks = blocksOf(page);
  // A page is about one thing: later blocks may read what earlier ones made.
  const script = blocks.map((block) => block.script).join(`echo '${separator}'\n`);
  const { stdout, stderr } = await runShell(`set -e -o pipefail\n${script}`);
  expect(stderr).toBe('');
  expect(stdout.split(`${separator}\n`)).toEqual(blocks.map(({ output = '' }) => output));
});
