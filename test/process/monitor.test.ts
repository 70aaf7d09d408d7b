// Looking on from outside at real pipelines: metrics, the progress file, and the warning where they do not keep up.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../helpers/processes.ts';
import { runShell, startShell } from '../helpers/shell.ts';

// Whole pipelines, on a machine that may be busy.

const input =
  "(for i in 1 2 3 4 5 6 7 8; do printf 'a 1\\nb 2\\na 3\\n'; sleep 0.2; done; while ! [ -e over ]; do sleep 0.1; done)";

test.concurrent('metrics of all stages, in a shell and in one process', async () => {
  for (const pipeline of [
    "sluice ingest | sluice batch 200ms | sluice reduce count --by '$1' | sluice emit --format ndjson --metrics 127.0.0.1:0 2>err",
    "sluice run 'ingest | batch 200ms | reduce count --by $1 | emit --format ndjson --metrics 127.0.0.1:0' 2>err",
    "sluice run --metrics 127.0.0.1:0 'ingest | batch 200ms | reduce count --by $1 | emit --format ndjson' 2>err",
  ]) {
    const shell = startShell(`${input} | ${pipeline}`);
    const url = await until(
      'the address is told',
      () => /http:\S+/.exec(readOrEmpty(shell.folder, 'err'))?.[0],
    );
    const text = await until('all is read', async () => {
      const page = await (await fetch(url)).text();
      return page.includes('sluice_stage_records_out_total{stage="ingest",position="0"} 24\n')
        ? page
        : undefined;
    });
    expect(text).toMatch(/^sluice_stage_records_in_total\{stage="reduce",position="2"\} \d+$/m);
    expect(text).toMatch(/^sluice_stage_busy_seconds_total\{stage="emit",position="3"\} [\d.e-]+$/m);
    expect(text).toMatch(/^sluice_batch_interval_seconds 0.2$/m);
    writeFileSync(join(shell.folder, 'over'), '');
    const { exits, stdout } = await shell.done;
    expect(exits.at(-1)).toBe(0);
    expect(sumOfCounts(stdout)).toBe(24);
    // It is over with the stream.
    await expect(fetch(url)).rejects.toThrow();
  }
});

test.concurrent('run --http is for the sink on standard output, or the first', async () => {
  const { stderr, exits } = await runShell(
    `echo x > in; for sinks in 'emit a.csv ; ingest in | batch --once | emit' 'emit a.csv'; do sluice run --http 127.0.0.1:0 "ingest in | batch --once | $sinks"; done; sluice run --http x 'ingest in | batch --once | emit'`,
  );
  expect(stderr).toMatch(
    /^sluice emit: .*http:\/\/127.0.0.1:\d+\/\nsluice emit: .*http:\/\/127.0.0.1:\d+\/\nsluice run: emit: --http 'x' is no address to listen on/,
  );
  expect(exits).toEqual([2]);
});

test.concurrent('an address that cannot be had ends the pipeline before anything is read', async () => {
  const { stderr, exits } = await runShell(
    "sluice run 'ingest | batch --once | emit --metrics 192.0.2.1:9464' < /dev/null; sluice emit --metrics x < /dev/null",
  );
  expect(stderr).toContain('cannot listen on 192.0.2.1:9464: this machine has no such address');
  expect(stderr).toContain("--metrics 'x' is no address to listen on");
  expect(exits).toEqual([2]);
});

describe.concurrent('--progress-json', () => {
  test('adds a line for each batch, and agrees with the rows', async () => {
    const { stdout, exits } = await runShell(
      `seq 25 | sluice ingest | sluice batch --records 10 | sluice reduce count | sluice emit --format ndjson --progress-json p.json > rows && cat rows p.json`,
    );
    expect(exits).toEqual([0]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.slice(0, 3)).toEqual([{ count: 10 }, { count: 10 }, { count: 5 }]);
    expect(lines.slice(3)).toMatchObject(
      [10, 10, 5].map((numInputRows, batchId) => ({ batchId, numInputRows })),
    );
  });

  test('where it cannot be written is an error at the start', async () => {
    const { stderr, exits } = await runShell(
      'sluice emit --progress-json none/p.json < fixtures/batches-10s.ndjson',
    );
    expect(stderr).toMatch(/^sluice emit: cannot write to none\/p.json: /);
    expect(exits).toEqual([73]);
  });

  test('on a full disk stops, and the rows go on', async () => {
    const { stderr, stdout, exits } = await runShell(
      'sluice emit --format ndjson --progress-json /dev/full < fixtures/batches-10s.ndjson',
    );
    expect(stderr).toMatch(
      /^sluice emit: cannot write to \/dev\/full: .*; progress is not written any more\n$/,
    );
    expect(stdout).toContain('blue');
    expect(exits).toEqual([0]);
  });
});

test.concurrent('a pipeline that does not keep up says so on standard error', async () => {
  const slow = '(record) => { const end = Date.now() + 100; while (Date.now() < end); return record; }';
  const { stderr } = await runShell(
    `(for i in $(seq 60); do echo x; sleep 0.02; done) | sluice run "ingest | batch 100ms | map --map '${slow}' | reduce count | emit --format ndjson" >/dev/null`,
  );
  expect(stderr).toMatch(
    /^sluice emit: batches are later and later: batch \d+ was done [\d.]+m?s after its time, at an interval of 100ms\n  hint: map is busy \d+% of the time/,
  );
});

test.concurrent.each([
  ['in one process', "sluice run 'ingest | batch 200ms | emit URL --progress-json p.json'"],
  ['in a shell', 'sluice ingest | sluice batch 200ms | sluice emit URL --progress-json p.json'],
])('while a sink is busy records go into the batch of their time, %s', async (_, pipeline) => {
  const slow = createServer((request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end(), 600));
  });
  await once(slow.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void slow.close());
  const { port } = slow.address() as AddressInfo;
  const { stdout, stderr } = await runShell(
    `(for i in $(seq 60); do echo $i; sleep 0.05; done) | ${pipeline.replace('URL', `http://127.0.0.1:${port}/`)}; cat p.json`,
  );
  const batches = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { numInputRows: number; schedulingDelayMs: number });
  // All of three seconds, whatever the machine does meanwhile: without a queue each batch that was written would hold what came
  // while the one before was.
  expect(batches.filter(({ numInputRows }) => numInputRows > 0).length).toBeGreaterThan(8);
  expect(Math.max(...batches.map(({ schedulingDelayMs }) => schedulingDelayMs))).toBeGreaterThan(2000);
  expect(stderr).toContain('batches are later and later');
});

function sumOfCounts(ndjson: string): number {
  const rows = ndjson
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { count: number });
  return rows.reduce((sum, { count }) => sum + count, 0);
}

function readOrEmpty(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}
