// Ctrl-C reaches every process of a pipeline at once. The first time the source stops and what was read drains
// through; the second time all of them end.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, type TestContext } from 'vitest';
import { stagesOf, stagesReady } from '../helpers/processes.ts';
import { startShell, type RunningShell } from '../helpers/shell.ts';

// bash does not wait for process substitutions: a writer or reader in there that stays is none of the pipeline's.
const staying = (trap: string, command: string): string => `(trap '' INT TERM; ${trap}exec ${command})`;
const log = `< <${staying('cat fixtures/no-last-newline.txt; ', 'sleep 25')}`;
const counted = 'brown,1\ndog,1\nend,1\nfox,1\njumps,1\nlazy,1\nover,1\nquick,1\nthe,3\n';

function start({ onTestFinished }: TestContext, line: string): RunningShell {
  const shell = startShell(line);
  onTestFinished(() => shell.signal('SIGKILL'));
  return shell;
}

describe.concurrent.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s', ([signal, exit]) => {
  test('(fault 5) the first one drains: the source stops though its input is open, and all that was read comes out', async (context) => {
    const shell = start(
      context,
      `sluice ingest ${log} | sluice batch --once | sluice reduce --words | sluice emit --format csv`,
    );
    await stagesReady(shell, 4);
    await sleep(500);
    shell.signal(signal);
    expect(await shell.done).toMatchObject({
      stdout: `word,count\n${counted}`,
      stderr: '',
      exits: [0, 0, 0, 0],
    });
  });

  test('the first one closes the open windows', async (context) => {
    const shell = start(
      context,
      `sluice ingest ${log} | sluice batch 100ms | sluice window 36500d | sluice reduce --words | sluice emit --format csv`,
    );
    await stagesReady(shell, 5);
    await sleep(500);
    shell.signal(signal);
    const result = await shell.done;
    expect(result.stdout.replaceAll(/^\d.*?Z,.*?Z,/gm, '')).toBe(
      `window_start,window_end,word,count\n${counted}`,
    );
    expect(result).toMatchObject({ stderr: '', exits: [0, 0, 0, 0, 0] });
  });

  test('(fault 5) the second one ends stages that cannot drain', async (context) => {
    const shell = start(
      context,
      `yes | sluice ingest | sluice batch --records 1000 | sluice emit --format ndjson > >${staying('', 'sleep 25')}`,
    );
    await stagesReady(shell, 3);
    await sleep(500);
    shell.signal(signal);
    await sleep(700);
    expect(stagesOf(shell).map(({ name }) => name)).toEqual(['ingest', 'batch', 'emit']);
    shell.signal(signal);
    const result = await shell.done;
    expect(result.exits.at(-1)).toBe(exit);
    // The signal reaches all at once; a stage that sees its reader dead first ends quietly.
    for (const code of result.exits.slice(1, -1)) expect([exit, 0]).toContain(code);
    // bash tells of a Terminated process, not of an interrupted one.
    expect(result.stderr.replace('Terminated\n', '')).toBe('');
  });

  test('to one stage in the middle alone changes nothing', async (context) => {
    const shell = start(
      context,
      `sluice ingest < <(echo one; sleep 2; echo two) | sluice batch 200ms | sluice emit --format ndjson`,
    );
    const stages = await stagesReady(shell, 3);
    process.kill(stages.find(({ name }) => name === 'batch')?.pid ?? 0, signal);
    expect(await shell.done).toMatchObject({ stdout: '"one"\n"two"\n', stderr: '', exits: [0, 0, 0] });
  });
});
