// What a user's functions do to a pipeline: they may never end, and they may write.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runShell, startShell } from '../helpers/shell.ts';

const numbers = 'seq 5 | sluice ingest --format json | sluice batch --records 2';
const endless = "'r => { if (r === 3) for (;;); return r * 10 }'";

test('(fault 43) a function that never ends stops the pipeline at the task timeout, with a message', async () => {
  const { stdout, stderr, exits } = await runShell(
    `${numbers} | sluice map --map ${endless} --task-timeout 200ms | sluice emit --format ndjson`,
  );
  expect(stdout).toBe('10\n20\n');
  expect(stderr).toContain(
    'sluice map: batch 1, part 0, record 1: --map: it took longer than 200ms (--task-timeout)',
  );
  expect(exits).toEqual([0, 0, 0, 65, 74]);
});

test('with --on-error skip its record is left out, and --max-errors 0 makes that exit with 1', async () => {
  const { stdout, exits } = await runShell(
    `${numbers} | sluice map --map ${endless} --task-timeout 200ms --on-error skip --max-errors 0 | sluice emit --format ndjson`,
  );
  expect(stdout).toBe('10\n20\n40\n50\n');
  expect(exits).toEqual([0, 0, 0, 1, 0]);
});

test('in one process, --task-timeout of run is that of its functions', async () => {
  const { stderr, exits } = await runShell(
    `seq 5 | sluice run --task-timeout 200ms 'ingest --format json | batch --once | map --map "r => { for (;;); }" | emit'`,
  );
  expect(stderr).toContain('it took longer than 200ms');
  expect(exits).toEqual([0, 65]);
});

test.each([
  ["map --filter '$0!~.*a.*b.*c' | sluice reduce count", '{"count":2}\n'],
  ["reduce 'n=count($0!~.*a.*b.*c)'", '{"n":2}\n'],
])(
  'a line of a megabyte on which a pattern has too many ways is left out in time: %s',
  async (stage, rows) => {
    const lines = `node -e 'console.log("y"); console.log("ab".repeat(400_000)); console.log("z")'`;
    const skipping = stage.replace(/^(\w+)/, '$1 --on-error skip --max-errors 0');
    const { stdout, stderr, exits } = await runShell(
      `${lines} | sluice ingest | sluice batch --once | sluice ${skipping} | sluice emit --format ndjson`,
    );
    expect(stdout).toBe(rows);
    expect(stderr).toMatch(/record 2: .* took longer than 250 ms/);
    expect(exits.filter((exit) => exit !== 0)).toEqual([1]);
  },
);

test.each([
  ["map --map 'r => r === 2 ? process.exit(0) : r'", 65],
  ["map --map '(() => { process.exit(0); })()'", 2],
  ['map --module exits.mjs --map exits', 65],
  ['reduce --fold exits.mjs', 65],
])('process.exit in code of a user ends nothing without a word: %s', async (stage, exit) => {
  const module =
    'export const exits = () => process.exit(0); export const init = () => 0; export const add = exits; export const result = exits;';
  const { stderr, exits } = await runShell(
    `cd $(mktemp -d) && echo '${module}' > exits.mjs && seq 3 | sluice ingest --format json | sluice batch --once | sluice ${stage} | sluice emit`,
  );
  expect(stderr).toContain('it called process.exit()');
  expect(exits).toContain(exit);
});

test('what a function says with console.log goes to people, not into the stream', async () => {
  const { stdout, stderr, exits } = await runShell(
    `seq 2 | sluice ingest | sluice batch --once | sluice map --map 'r => { console.log("saw", r); return r }' | sluice emit --format ndjson`,
  );
  expect(stdout).toBe('"1"\n"2"\n');
  expect(stderr).toBe('saw 1\nsaw 2\n');
  expect(exits).toEqual([0, 0, 0, 0, 0]);
});

test('Ctrl-C is heard where a function never ends: the second one kills', async ({ onTestFinished }) => {
  const shell = startShell(`${numbers} | sluice map --map ${endless} | sluice emit --format ndjson`);
  onTestFinished(() => shell.signal('SIGKILL'));
  // The loop goes on for a second before it is suspect.
  await sleep(4000);
  shell.signal('SIGINT');
  await sleep(500);
  shell.signal('SIGINT');
  const { exits } = await shell.done;
  expect(exits.at(-2)).toBe(130);
  // Which of the two emit hears of first, the signal or the end of map, is up to the machine.
  expect([130, 74]).toContain(exits.at(-1));
});

test('Ctrl-C is heard while one line after another takes too long: the second one kills', async ({
  onTestFinished,
}) => {
  const lines = `node -e 'for (let n = 0; n < 1000; n += 1) console.log("x".repeat(60))'`;
  const shell = startShell(
    `${lines} | sluice ingest | sluice batch --once | sluice map --on-error skip --filter '$0~(x|x)*y' | sluice emit`,
  );
  onTestFinished(() => shell.signal('SIGKILL'));
  await sleep(4000);
  shell.signal('SIGINT');
  await sleep(500);
  shell.signal('SIGINT');
  // Without a signal it would take some minutes.
  const { exits } = await shell.done;
  expect(exits.at(-2)).toBe(130);
});
