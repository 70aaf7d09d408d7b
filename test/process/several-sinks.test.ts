// Several sinks at once, sinks that are commands, and --through, as processes.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { query } from '../helpers/database.ts';
import { signalStages, stagesOf, until } from '../helpers/processes.ts';
import { runShell, startShell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

const words = `printf 'a b\\na\\n' | sluice ingest | sluice batch --once | sluice reduce --words`;
const csv = 'word,count\na,2\nb,1\n';

describe('several sinks', () => {
  test.for([
    ['in a pipe', (sinks: string) => `${words} | sluice emit --format csv ${sinks}`],
    [
      'under run',
      (sinks: string) =>
        `printf 'a b\\na\\n' | sluice run 'ingest | batch --once | reduce --words | emit --format csv ${sinks}'`,
    ],
  ] as const)('have the same rows, %s', async ([, line]) => {
    const folder = temporaryFolder();
    const { stdout, stderr } = await runShell(
      `cd ${folder}; ${line('- a.csv b.db "file:words/{word}.csv"')}; cat a.csv words/b.csv`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: `${csv}${csv}word,count\nb,1\n`, stderr: '' });
    expect(query(join(folder, 'b.db'), 'SELECT word, count FROM b')).toEqual([
      ['a', 2n],
      ['b', 1n],
    ]);
  });

  test('one that fails ends all of them: none has the rows', async () => {
    const { stdout, stderr } = await runShell(
      `${words} | sluice emit a.csv exec:'exit 3'; echo $?; ls *.csv`,
    );
    expect(stdout).toBe('74\n');
    expect(stderr).toContain("sluice emit: 'exit 3' ended with exit status 3");
  });

  test('one that cannot be opened leaves the others as they were', async () => {
    const { stdout, stderr } = await runShell(
      `echo before > a.csv; ${words} | sluice emit a.csv sqlite:none/b.db; echo $?; cat a.csv; ls *.csv`,
    );
    expect(stdout).toBe('73\nbefore\na.csv\n');
    expect(stderr).toContain('cannot write to none/b.db: its folder does not exist');
  });

  test('one whose reader has had enough is over, and the others go on', async () => {
    const line = `seq 100000 | sluice ingest | sluice batch --records 1000 | sluice emit all.ndjson exec:'head -1'; echo $?; wc -l < all.ndjson`;
    expect(await runShell(line)).toMatchObject({ stdout: '"1"\n0\n100000\n', stderr: '' });
  });

  test.for([
    ['twice the same', 'a.csv ./a.csv', "two sinks are './a.csv'"],
    ['--table for none of them', 'a.csv - --table t', '--table does nothing with a.csv, standard output'],
    ['--through beside standard output', '- a.csv --through', '--through needs standard output for itself'],
  ] as const)('%s', async ([, operands, message]) => {
    const { stdout, stderr } = await runShell(`${words} | sluice emit ${operands}; echo $?`);
    expect(stdout).toMatch(/(^|\n)2\n$/);
    expect(stderr).toContain(message);
  });

  test('kill -9 at any moment: after all runs each of them has each batch once', async () => {
    const folder = temporaryFolder();
    const lines = Array.from({ length: 4000 }, (_, index) => `${index}`);
    writeFileSync(join(folder, 'in.txt'), `${lines.join('\n')}\n`);
    const line = `cd ${folder}; sluice ingest --state st in.txt | sluice batch --records 20 | sluice emit a.ndjson b.ndjson.gz sqlite:c.db`;
    for (const point of [
      'database-committed',
      'rows-inserted#2',
      'files-appended#3',
      'written#4',
      'renamed#5',
    ])
      await runShell(line.replace('sluice emit', `SLUICE_FAULT=${point} sluice emit`));
    for (let round = 0; round < 4; round += 1) {
      const shell = startShell(line);
      const emit = await until('emit runs', () => stagesOf(shell).find(({ name }) => name === 'emit'));
      await sleep(50 + Math.random() * 300);
      signalStages([emit], 'SIGKILL');
      await shell.done;
    }
    expect(await runShell(line)).toMatchObject({ exits: [0, 0, 0], stderr: '' });
    const expected = lines.map((text) => `"${text}"\n`).join('');
    expect(readFileSync(join(folder, 'a.ndjson'), 'utf8')).toBe(expected);
    expect((await runShell(`zcat ${folder}/b.ndjson.gz`)).stdout).toBe(expected);
    expect(query(join(folder, 'c.db'), 'SELECT record FROM c ORDER BY rowid').flat()).toEqual(lines);
  });
});

describe('exec:', () => {
  test('a command gets the rows, in the format that is wanted', async () => {
    const line = `${words} | sluice emit --format tsv exec:'sort -r'; ${words} | sluice emit exec:'cat >&2'`;
    expect(await runShell(line)).toMatchObject({
      stdout: 'word\tcount\nb\t1\na\t2\n',
      stderr: '{"word":"a","count":2}\n{"word":"b","count":1}\n',
    });
  });

  test.for([
    ['fails', 'cat > /dev/null; exit 3', "'cat > /dev/null; exit 3' ended with exit status 3"],
    ['fails and reads nothing', 'exit 4', "'exit 4' ended with exit status 4"],
    ['is killed', 'kill -9 $$', "'kill -9 $$' was ended by SIGKILL"],
    ['does not exist', './none', "'./none' ended with exit status 127"],
  ] as const)('a command that %s', async ([, command, message]) => {
    const line = `seq 200000 | sluice ingest | sluice batch --records 5000 | sluice emit exec:'${command}'; echo $?`;
    const { stdout, stderr } = await runShell(line);
    expect(stdout).toBe('74\n');
    expect(stderr).toContain(`sluice emit: ${message}`);
  });

  test('where the stream fails the command is told, by a signal', async () => {
    const envelopes = '{"v":1,"batch":0,"last":true,"n":1,"records":[1]}';
    const command = 'trap "echo told; exit" TERM; cat > rows; sleep 10 & wait';
    const { stdout } = await runShell(`echo '${envelopes}' | sluice emit exec:'${command}'; echo $?`);
    expect(stdout).toMatch(/^(told\n)?74\n$/);
  });
});

describe('--through', () => {
  test('what comes in goes on to further stages, windows too', async () => {
    const { stdout, exits } = await runShell(
      `printf 'a b\\na\\n' | sluice ingest | sluice batch --once | sluice emit raw.ndjson --through | sluice reduce --words | sluice emit --format csv`,
    );
    expect({ stdout, exits }).toEqual({ stdout: csv, exits: [0, 0, 0, 0, 0, 0] });
  });

  test('windows that were not reduced pass as they came', async () => {
    const stages = `sluice ingest --format json fixtures/events.ndjson | sluice batch --records 2 | sluice window 20s --time ts`;
    const plain = await runShell(`${stages} | sluice reduce count --by user | sluice emit --format csv`);
    const passed = await runShell(
      `${stages} | sluice emit held.ndjson --through | sluice reduce count --by user | sluice emit --format csv`,
    );
    expect(passed.stdout).toBe(plain.stdout);
    expect(passed.stdout).toContain('window_start');
  });

  test('a reader that has had enough does not end the sink', async () => {
    const line = `seq 100000 | sluice ingest | sluice batch --records 1000 | sluice emit all.ndjson --through | head -c 1 | wc -c; wc -l < all.ndjson`;
    expect(await runShell(line)).toMatchObject({ stdout: '1\n100000\n', stderr: '' });
  });

  test('where the sink fails, those behind it are told', async () => {
    const { stdout, stderr } = await runShell(
      `${words} | sluice emit sqlite:none/r.db --through | sluice emit --format csv; echo $?`,
    );
    expect(stdout).toBe('74\n');
    expect(stderr).toContain('sluice emit: upstream failed: sluice emit: cannot write to none/r.db');
  });

  test('a job that keeps state has one last stage', async () => {
    const line = `echo a | sluice ingest --state st | sluice batch --once | sluice emit a.ndjson --through | sluice emit; echo $?; ls`;
    const { stderr } = await runShell(line);
    expect(stderr).toContain('--through is not for a job that keeps state');
  });
});
