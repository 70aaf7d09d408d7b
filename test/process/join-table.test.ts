// A table that is joined with, in real pipelines: the same bytes however it is run, and read again while records come.
import { renameSync, writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stagesReady, until } from '../helpers/processes.ts';
import { runShell, startShell, type RunningShell } from '../helpers/shell.ts';

const make = `for i in $(seq 1 3000); do echo "{\\"id\\":$((i * 7 % 1000)),\\"n\\":$i}"; done > s.ndjson; (echo id,name; for i in $(seq 0 2 999); do echo "$i,name $i"; echo "$i,\\"other, $i\\""; done) > t.csv`;

test.each(['inner', 'left', 'semi', 'anti'])(
  '%s: in a pipe, in one process, in small parts: the same bytes',
  async (type) => {
    const stages = (options: string): string[] => [
      'ingest --format json s.ndjson',
      'batch --records 700',
      `join t.csv --on id --type ${type} ${options}`,
      'emit --format ndjson',
    ];
    const shell = (options: string): string =>
      stages(options)
        .map((stage) => `sluice ${stage}`)
        .join(' | ');
    const { stdout, stderr } = await runShell(
      `${make}; ${shell('')} > a; sluice run '${stages('').join(' | ')}' > b; ${shell('--part-size 1000')} > c; cmp a b; cmp a c; wc -l < a`,
    );
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe({ inner: '3000', left: '4500', semi: '1500', anti: '1500' }[type]);
  },
);

test('several pipelines of one process hold one table: what can be read once only is enough for all', async () => {
  const begin = 'ingest --format json s.ndjson | batch --once | join table --format csv --on id';
  const { stdout, stderr, exits } = await runShell(
    `${make}; mkfifo table; cat t.csv > table & sluice run '${begin} --type semi | reduce count | emit a.ndjson ; ${begin} --type anti | reduce count | emit b.ndjson ; ${begin} | reduce count | emit c.ndjson' && cat a.ndjson b.ndjson c.ndjson`,
  );
  expect({ stdout, stderr, exits }).toEqual({
    stdout: '{"count":1500}\n{"count":1500}\n{"count":3000}\n',
    stderr: '',
    exits: [0],
  });
});

test('--reload: the next batch has the table as it is then, and never half of it', async () => {
  const shell = startShell(
    `mkfifo in; sluice ingest --format json < in | sluice batch 100ms | sluice join t.csv --on id --reload | sluice emit --format ndjson > out & exec 3> in; wait`,
  );
  const path = (name: string): string => join(shell.folder, name);
  const table = (name: string): string => `id,name\n1,${name}\n`;
  writeFileSync(path('t.csv'), table('one'));
  await stagesReady(shell, 4);
  const send = (): void => writeFileSync(path('in'), '{"id":1}\n');
  await says(shell, 'one', send);
  writeFileSync(path('next'), table('two'));
  renameSync(path('next'), path('t.csv'));
  await says(shell, 'two', send);
  // Half a line, for longer than anybody waits for the rest.
  writeFileSync(path('t.csv'), 'id,name\n1,thr');
  await until('it is refused', () =>
    read(shell.folder, '../stderr').includes('its last line has no end') ? true : (send(), undefined),
  );
  writeFileSync(path('t.csv'), table('three'));
  await says(shell, 'three', send);
  shell.signal('SIGTERM');
  const { stderr } = await shell.done;
  const names = new Set(said.get(shell));
  expect([...names]).toEqual(['one', 'two', 'three']);
  expect(stderr).toBe(
    'sluice join: t.csv has changed and cannot be taken: its last line has no end; the table of before stays\n',
  );
});

const said = new WeakMap<RunningShell, string[]>();

/** Sends records until one has been joined with this name. */
async function says(shell: RunningShell, name: string, send: () => void): Promise<void> {
  await until(`it says ${name}`, () => {
    send();
    const rows = read(shell.folder, 'out').split('\n').slice(0, -1);
    const names = rows.map((row) => (JSON.parse(row) as { right_name: string }).right_name);
    said.set(shell, names);
    return names.includes(name) ? true : undefined;
  });
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}
