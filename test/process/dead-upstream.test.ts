// kill -9 of any stage ends the whole pipeline: nothing hangs, what came is shown, and emit says that it is not all.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { stagesReady } from '../helpers/processes.ts';
import { startShell } from '../helpers/shell.ts';

const line =
  'sluice ingest < <(echo one; exec sleep 40) | sluice batch 200ms | sluice reduce --words | sluice emit --format csv';
const died = 'upstream died: its output stopped without an end envelope';
const failed = `sluice emit: upstream failed: ${died}\n  hint: what came before is shown above\n`;

const victims: readonly [string, number[], string][] = [
  ['ingest', [137, 74, 74, 74], `sluice batch: ${died}\n${failed}`],
  ['batch', [0, 137, 74, 74], `sluice reduce: ${died}\n${failed}`],
  ['reduce', [0, 0, 137, 74], `sluice emit: ${died}\n`],
  ['emit', [0, 0, 0, 137], ''],
];

describe.concurrent('kill -9', () => {
  test.for(victims)('of %s', async ([victim, exits, stderr], { onTestFinished }) => {
    const shell = startShell(line);
    onTestFinished(() => shell.signal('SIGKILL'));
    const stages = await stagesReady(shell, 4);
    await sleep(700);
    const started = performance.now();
    process.kill(stages.find(({ name }) => name === victim)?.pid ?? 0, 'SIGKILL');
    const result = await shell.done;
    expect(result.stdout).toBe('word,count\none,1\n');
    // bash itself tells of the killed process, in a line for each command.
    expect(result.stderr.replaceAll(/^(bash: line|\s+\d+ ).*\n/gm, '')).toBe(stderr);
    expect(result.exits).toEqual(exits);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
