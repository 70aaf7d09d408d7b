// A live pipeline: batches by time come on time, also while nothing arrives, and a line is not kept waiting.
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

/** Puts the time of arrival, in seconds, before each line. */
const stamped = `while IFS= read -r line; do printf '%s %s\\n' "$EPOCHREALTIME" "$line"; done`;
/** How late, in milliseconds, a loaded machine may be once, and what the luckiest of several may cost. */
const tolerance = { once: 5000, best: 250 };

type Arrival = {
  readonly at: number;
  readonly header: { batch?: number; n: number; from: number; to: number; end?: string };
};

function arrivals(stdout: string): Arrival[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, time = '', json = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
      return { at: 1000 * Number(time), header: JSON.parse(json) as Arrival['header'] };
    });
}

describe.concurrent('batches by time', () => {
  test('come on time while the input is idle', async () => {
    const { stdout, stderr, exits } = await runShell(
      `sluice ingest < <(exec sleep 3) | sluice batch 500ms | ${stamped}`,
    );
    expect({ stderr, exits }).toEqual({ stderr: '', exits: [0, 0, 0] });
    const batches = arrivals(stdout).filter(({ header }) => header.batch !== undefined);
    expect(batches.length).toBeGreaterThanOrEqual(5);
    const delays = batches.map(({ at, header }) => at - header.to);
    expect(Math.max(...delays)).toBeLessThan(tolerance.once);
    for (const [index, { header }] of batches.entries()) {
      expect(header.n).toBe(0);
      expect(header.from % 500).toBe(0);
      expect(header.to - header.from).toBe(500);
      expect(header.from).toBe((batches[0]?.header.from ?? 0) + 500 * index);
      // The last one is closed by the end of the input, before its time.
      if (index < batches.length - 1) expect(delays[index]).toBeGreaterThanOrEqual(0);
    }
    expect(Math.min(...delays.slice(0, -1))).toBeLessThan(tolerance.best);
  });

  test('hold what arrived in their interval', async () => {
    const writer = 'for i in 1 2 3 4 5 6; do echo "$EPOCHREALTIME"; sleep 0.3; done';
    const { stdout } = await runShell(
      `(${writer}) | sluice ingest | sluice batch 100ms | sluice window 100ms | sluice emit --format ndjson | ${stamped}`,
    );
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    const delays = lines.map((line) => {
      const [, arrived, start = '', end = '', sent] =
        /^(\S+) \{"window_start":"(.*)","window_end":"(.*)","record":"(.*)"\}$/.exec(line) ?? [];
      expect(Number(sent) * 1000).toBeLessThan(Date.parse(end));
      expect(Date.parse(end) - Date.parse(start)).toBe(100);
      return (Number(arrived) - Number(sent)) * 1000;
    });
    // Written, gathered for up to 100 ms, handed through five processes.
    expect(Math.min(...delays)).toBeLessThan(100 + tolerance.best);
    expect(Math.max(...delays)).toBeLessThan(100 + tolerance.once);
  });
});

test.concurrent('a line each second, sliding windows: each is there right after its end', async () => {
  const writer = 'for i in 1 2 3 4 5 6; do echo line; sleep 1; done';
  const { stdout, exits } = await runShell(
    `(${writer}) | sluice ingest | sluice batch 1s | sluice window 5s --slide 1s | sluice reduce count | sluice emit --format ndjson | ${stamped}`,
  );
  expect(exits).toEqual([0, 0, 0, 0, 0, 0, 0]);
  const delays = Array.from(
    stdout.matchAll(/^(\S+) \{"window_start":".*","window_end":"(.*)","count":\d\}$/gm),
    ([, arrived, end = '']) => 1000 * Number(arrived) - Date.parse(end),
  );
  const onTime = delays.filter((delay) => delay >= 0);
  // Those that the end of the input closes come before their end.
  expect(onTime.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...onTime)).toBeLessThan(tolerance.once);
  expect(Math.min(...onTime)).toBeLessThan(tolerance.best);
});

test.concurrent('ingest passes a line on as soon as it is there', async () => {
  const writer = 'for i in 1 2 3 4; do echo "$EPOCHREALTIME"; sleep 0.4; done';
  const { stdout } = await runShell(
    `(sleep 0.5; ${writer}) | sluice ingest | sluice batch --records 1 | sluice emit --format ndjson | ${stamped}`,
  );
  const delays = Array.from(
    stdout.matchAll(/^(\S+) "(.*)"$/gm),
    ([, arrived, sent]) => 1000 * (Number(arrived) - Number(sent)),
  );
  expect(delays).toHaveLength(4);
  // The first one may meet stages that are still starting.
  expect(Math.max(...delays.slice(1))).toBeLessThan(tolerance.once);
  expect(Math.min(...delays)).toBeLessThan(tolerance.best);
});
