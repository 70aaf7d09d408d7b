// Windows on event time in a live pipeline: what they hold is what a replay makes of the same events, and they close
// while nothing comes.
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const rest = `sluice window 4s --slide 2s --time '$1' --lateness 3s | sluice reduce count 'sum($2)' --by '$3' | sluice emit --format csv`;

/** Seconds since the epoch, out of order by up to 3, with a number and a key. */
const events = Array.from({ length: 60 }, (_, index) => {
  const seconds = 1_772_359_200 + Math.floor(index / 2) - ((index * 7) % 4);
  return `${seconds} ${index} ${'abc'[index % 3]}`;
});

describe.concurrent('replay equals live', () => {
  test('events that trickle in, and the same ones from files, in any batches, piped or in one process', async () => {
    const write = `printf '%s\\n' ${events.map((event) => `'${event}'`).join(' ')}`;
    const slowly = `${write} | while IFS= read -r line; do echo "$line"; sleep 0.02; done`;
    const quoted = rest.replaceAll("'", String.raw`'\''`).replaceAll('sluice ', '');
    const results = await Promise.all([
      runShell(`${slowly} | sluice ingest | sluice batch 100ms | ${rest}`),
      runShell(`${write} | sluice ingest | sluice batch --once | ${rest}`),
      runShell(`${write} | split -l 23 - piece.; sluice ingest piece.* | sluice batch --records 7 | ${rest}`),
      runShell(`${write} | sluice run 'ingest | batch --bytes 64 | ${quoted}'`),
    ]);
    const [live, ...replays] = results.map(({ stdout, stderr }) => ({ stdout, stderr }));
    expect(live?.stdout.split('\n').length).toBeGreaterThan(30);
    expect(live?.stderr).toBe('');
    for (const replay of replays) expect(replay).toEqual(live);
  });
});

test.concurrent('--idle-timeout: a window closes while nothing comes', async () => {
  const writer = 'echo "$EPOCHREALTIME"; exec sleep 15';
  const { stdout } = await runShell(
    `sluice ingest < <(${writer}) | sluice batch 200ms | sluice window 1s --time '$1' --idle-timeout 500ms | sluice reduce count | sluice emit --format ndjson | while IFS= read -r line; do printf '%s %s\\n' "$EPOCHREALTIME" "$line"; done`,
  );
  const [, arrived, end = '', count] =
    /^(\S+) \{"window_start":".*","window_end":"(.*)","count":(\d)\}\n$/.exec(stdout) ?? [];
  expect(count).toBe('1');
  const delay = 1000 * Number(arrived) - Date.parse(end);
  // Not before its end, and seconds before the end of the input would have closed it.
  expect(delay).toBeGreaterThanOrEqual(0);
  expect(delay).toBeLessThan(10_000);
});
