// One grammar, two engines: each golden case that is a whole pipeline, run once as a shell line and once by
// `sluice run`, has to print the same bytes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect as expectNow, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const casesFolder = fileURLToPath(new URL('../cases', import.meta.url));

/** What feeds the pipeline (with its `|`), and the pipeline from ingest to emit, nothing behind it. */
const wholePipeline = /^((?:[^|'"]|'[^']*'|"[^"]*")*\| *)?(sluice ingest[\s\S]*\| *sluice emit[^|>;&]*)\n$/;

type Case = { name: string; feed: string; pipeline: string };

const cases = readdirSync(casesFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('/cmd'))
  .sort()
  .flatMap((path): Case[] => {
    const [, feed = '', pipeline] = wholePipeline.exec(readFileSync(join(casesFolder, path), 'utf8')) ?? [];
    const exits = readFileSync(join(casesFolder, path, '../exit'), 'utf8').trim();
    // Where a stage fails, what came before depends on how far the others were; and the shell line says it twice.
    const isFine = /^(0 ?)+$/.test(exits) && pipeline !== undefined && !/[;<>&`]/.test(pipeline);
    return isFine ? [{ name: path.slice(0, -'/cmd'.length), feed, pipeline }] : [];
  });

test('there are enough of them to mean something', () => {
  expectNow(cases.length).toBeGreaterThan(50);
});

test.concurrent.for(cases)('$name', async ({ name, feed, pipeline }, { expect }) => {
  const quoted = pipeline.replaceAll("'", String.raw`'\''`);
  const { stdout, exits } = await runShell(`${feed}sluice run --workers 2 '${quoted}'`);
  expect(stdout).toBe(readFileSync(join(casesFolder, name, 'stdout'), 'utf8'));
  expect(exits.at(-1)).toBe(0);
});
