// The main job on a text of several megabytes: five stages count words as tr, sort and uniq do, row by row.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { makeText } from '../helpers/text.ts';

const wanted = `tr -s '[:space:]' '\\n' < "$TEXT" | grep . | sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)/\\2\\t\\1/'`;

test.for([
  'sluice batch 1s | sluice window 36500d | sluice reduce --words',
  'sluice batch 100ms | sluice reduce --words | sluice window 36500d | sluice reduce',
  'sluice batch --once --part-size 100KB | sluice reduce --words --part-size 10KB | sluice reduce',
])('%s', async (stages) => {
  const text = join(temporaryFolder(), 'text.txt');
  writeFileSync(text, makeText(1, 4_000_000));
  const environment = { TEXT: text, LC_ALL: 'C' };
  const expected = await runShell(wanted, { environment });
  const counted = await runShell(`sluice ingest "$TEXT" | ${stages} | sluice emit --format tsv`, {
    environment,
  });
  expect(counted.stderr).toBe('');
  expect(new Set(counted.exits)).toEqual(new Set([0]));
  const rows = counted.stdout.trimEnd().split('\n').slice(1);
  expect(rows.length).toBeGreaterThan(10_000);
  expect(rows.map((row) => row.split('\t').slice(-2).join('\t'))).toEqual(
    expected.stdout.trimEnd().split('\n'),
  );
});
