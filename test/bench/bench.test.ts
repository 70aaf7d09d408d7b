// Keeps the benchmarks from rotting: small inputs, and sluice against the reference the generators counted and against
// a plain count of the same bytes. Nothing is timed, and no peer has to be installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findFault } from './check.js';
import { Digest } from './digest.js';
import { prepareInput } from './inputs.js';
import { measureInTurns, medianRatio } from './measure.js';
import { works } from './peers.js';
import { reportWork } from './report.js';
import { findTools } from './tools.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-test-'));
const tools = findTools();
const place = { cwd: folder, env: tools.env };
afterAll(() => {
  tools.remove();
  rmSync(folder, { recursive: true });
});

const whiteSpace = /[ \t\n\v\f\r]+/;

function countWords(text: string) {
  const counts = new Map<string, number>();
  for (const word of text.split(whiteSpace)) {
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

test.each(['text', 'keys'])('the reference of %s is what is in the file', (name) => {
  const { file, expected } = prepareInput(folder, name, 1);
  const digest = new Digest();
  for (const [word, count] of countWords(readFileSync(join(folder, file), 'latin1'))) {
    digest.add([word], [count]);
  }
  expect(digest.summary()).toEqual(expected);
});

test('the same seed writes the same bytes', () => {
  const again = mkdtempSync(join(folder, 'again-'));
  const first = prepareInput(folder, 'orders', 1);
  const second = prepareInput(again, 'orders', 1);
  expect(second).toEqual(first);
  expect(readFileSync(join(again, second.file)).equals(readFileSync(join(folder, first.file)))).toBe(true);
});

const sluiceRows = works
  .filter(({ name }) => name !== 'start' && name !== 'workers')
  .flatMap((work) => work.rows.filter(({ needs }) => needs === 'sluice').map((row) => ({ work, row })));

test.concurrent.each(sluiceRows)('$work.name: $row.name', async ({ work, row }) => {
  const { expected } = prepareInput(folder, work.input, 1);
  const fault = await findFault(row, work, expected, place);
  expect(fault === 'not in this version' && row.mayBeMissing ? undefined : fault).toBeUndefined();
});

test('a wrong result is seen', async () => {
  const work = works.find(({ name }) => name === 'access-log');
  if (!work) throw new Error('there is no such work');
  const { expected } = prepareInput(folder, work.input, 1);
  const row = {
    name: 'wrong',
    needs: 'sluice',
    command: String.raw`printf '200\t5\t7\n'`,
    format: 'tsv',
  } as const;
  expect(await findFault(row, work, expected, place)).toMatch(/^wrong result: 1 rows, 5 in all/);
});

test.runIf(tools.versions.has('wordcount'))('our C program parts words at any ASCII white space', () => {
  // Beyond one buffer of the program, with words of every length around its steps of eight bytes.
  const lengths = Array.from({ length: 40 }, (_, length) =>
    'abcdefghijklmnopqrst'.repeat(2).slice(0, length),
  );
  const odd = `${lengths.join('\v')}\x00 \x1c\x0e\x08x\fé\u00a0\r\n!\x89\xa0\t ${'y'.repeat(1_500_000)}\r`;
  const input = odd.repeat(3) + lengths.join(' \t').repeat(2000);
  const { stdout } = spawnSync('wordcount', { ...place, input: Buffer.from(input), maxBuffer: 1 << 28 });
  const found = stdout.toString('latin1').trimEnd().split('\n');
  const expected = Array.from(countWords(Buffer.from(input).toString('latin1')), (entry) => entry.join('\t'));
  expect(found.sort()).toEqual(expected.sort());
});

test('runs become a table', () => {
  const work = works[0];
  if (!work) throw new Error('there is no work');
  const rows = ['true', 'exit 0'].map((command) => ({
    name: command,
    needs: 'node' as const,
    command,
    isSlow: command === 'true',
  }));
  const results = measureInTurns(rows, 2, place, () => {});
  expect(Array.from(results.values(), ({ length }) => length)).toEqual([1, 2]);
  const report = reportWork({ ...work, against: ['true'] }, 1e6, results, ['mawk: not installed']);
  expect(report).toMatch(/^\| exit 0 \|.*\| 2 \|/m);
  expect(report).toContain('- left out: mawk: not installed');
  expect(medianRatio([2, 9, 4], [1, 3, 4])).toBe(2);
});
