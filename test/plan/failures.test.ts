// Where a stage fails, those behind it are told so, and show what came before: in one process as in several.
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const input = String.raw`printf '1\n2\n3\n4\nx\n6\n' > in; printf 'a=1\na=2\nb="x\n' > logfmt`;
const fails = `map --map 'r => { if (r === "x") throw new Error("no"); return r }'`;

const lines = [
  `ingest in | batch --records 1 | reduce 'sum($1)' | emit --format ndjson`,
  `ingest in | batch --records 2 | ${fails} | emit --format csv`,
  `ingest in | batch --records 2 | ${fails} | reduce count | emit --format ndjson`,
  `ingest in | batch --records 1 | ${fails} | window --records 3 | reduce 'sum($1)' | emit --format ndjson`,
  `ingest in | batch --records 1 | ${fails} | reduce 'sum($1)' --running | emit --sort 'sum($1)'`,
  `ingest in | batch --once | window 10s --time '$1' | reduce count | emit`,
  `ingest --format logfmt logfmt | batch --records 1 | emit --format ndjson`,
  `ingest --format logfmt logfmt | batch --once | emit --format ndjson`,
  `ingest in | batch --records 1 | ${fails} | emit rows.csv`,
];

describe.concurrent('what came before a failure is shown', () => {
  test.for(lines)('%s', async (line, { expect: expectNow }) => {
    const stages = line.split(' | ').map((stage) => `sluice ${stage}`);
    const [several, one] = await Promise.all([
      runShell(`${input}; ${stages.join(' | ')}; code=$?; ls rows.csv 2>/dev/null; (exit $code)`),
      runShell(
        `${input}; sluice run '${line.replaceAll("'", String.raw`'\''`)}'; code=$?; ls rows.csv 2>/dev/null; (exit $code)`,
      ),
    ]);
    expectNow(one.stdout).toBe(several.stdout);
    expectNow(one.exits).not.toEqual([0]);
    expectNow(several.exits).not.toEqual([0]);
    // Whose failure it is is said once.
    const [first] = several.stderr.split('\n');
    expectNow(one.stderr.split('\n').filter((text) => text === first)).toHaveLength(1);
  });
});

test('one branch that fails is told, and shows what came before; the other goes on', async () => {
  const { stdout, stderr, exits } = await runShell(
    `${input}; sluice run 'ingest in | batch --records 1 | reduce "sum(\\$1)" | emit --format csv; ingest in | batch --records 1 | emit all.csv'; code=$?; cat all.csv; (exit $code)`,
  );
  expect(stdout).toBe('sum($1)\n1\n2\n3\n4\nrecord\n1\n2\n3\n4\nx\n6\n');
  expect(stderr.match(/^sluice reduce: .*needs a number/gm)).toHaveLength(1);
  expect(exits).toEqual([65]);
});
