// Input that is large enough to be given to worker threads: the same bytes for any number of them, and for both engines.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-workers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = join(folder, 'text');
const lines = Array.from({ length: 250_000 }, (_, index) => {
  const number = (index * 7919) % 100_003;
  return `w${number % 977} ${number / 10} ${number} w${index}`;
});
// Text where a number is due, in the middle of it all.
lines[120_000] = 'w1 none 5';
writeFileSync(text, `${lines.join('\n')}\n`);

const pipelines = {
  words: ['ingest', 'batch --bytes 4MiB', 'reduce --words'],
  'bounded words': ['ingest', 'batch --once', 'reduce --words --max-keys 500'],
  'sums of fractions': ['ingest', 'batch --once', "reduce count 'sum($2)' --by '$1' --on-error skip"],
  'bounded sums': [
    'ingest',
    'batch --bytes 5MiB',
    "reduce count 'sum($2)' --by '$1' --on-error skip --max-keys 50",
  ],
  'a record that stops it': ['ingest', 'batch --once', "reduce 'sum($2)' --by '$1'"],
};

describe.each(Object.entries(pipelines))('%s', (_, stages) => {
  test('(fault 41) are the same bytes for 0, 1 and 4 workers', async () => {
    const outcomes = [];
    for (const workers of [0, 1, 4]) {
      const [ingest, ...rest] = [
        ...stages.slice(0, -1),
        `${stages.at(-1)} --workers ${workers}`,
        'emit --format ndjson',
      ];
      const shell = [`sluice ${ingest} < ${text}`, ...rest.map((stage) => `sluice ${stage}`)].join(' | ');
      const plan = [...stages, 'emit --format ndjson'].join(' | ').replaceAll("'", String.raw`'\''`);
      for (const line of [shell, `sluice run --workers ${workers} '${plan}' < ${text}`]) {
        const { stdout, stderr } = await runShell(line);
        // Where a part begins depends on what the pipe held at each moment.
        const [message] = stderr.replace(/part \d+, record \d+/, 'a record').split('\n');
        outcomes.push({ stdout, message });
      }
    }
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });
});
