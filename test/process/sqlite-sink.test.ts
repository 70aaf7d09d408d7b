// `emit sqlite:FILE` as a process: locked, full, damaged; and killed at any moment, which must not show in the table.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { execute, lock, query } from '../helpers/database.ts';
import { stagesOf, until } from '../helpers/processes.ts';
import { runShell, startShell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

const words = `printf 'a b\\na\\n' | sluice ingest | sluice batch --once | sluice reduce --words`;

test('the table is named by the file, or by --table', async () => {
  const folder = temporaryFolder();
  const lines = [
    `${words} | sluice emit sqlite:${folder}/report.db`,
    `${words} | sluice emit sqlite:${folder}/report.db --table t`,
  ];
  expect(await runShell(lines.join('\n'))).toMatchObject({ stdout: '', stderr: '', exits: [0, 0, 0, 0, 0] });
  for (const table of ['report', 't'])
    expect(query(`${folder}/report.db`, `SELECT * FROM ${table}`)).toEqual([
      ['a', 2n],
      ['b', 1n],
    ]);
});

describe('what keeps rows from their table', () => {
  test('another process has it locked: waited for, then 75 (fault 34)', async () => {
    const path = join(temporaryFolder(), 'r.db');
    execute(path, 'CREATE TABLE r (word, count)');
    const unlock = lock(path);
    onTestFinished(unlock);
    expect(await runShell(`${words} | sluice emit sqlite:${path}; echo $?`)).toMatchObject({
      stdout: '75\n',
      stderr: `sluice emit: ${path} is locked by another process, for more than 5s\n  hint: run the line again later, or wait longer: --patience 1m\n`,
    });
  });

  test('a lock that is let go of is waited for', async () => {
    const path = join(temporaryFolder(), 'r.db');
    execute(path, 'CREATE TABLE r (word, count)');
    const unlock = lock(path);
    setTimeout(unlock, 1000);
    expect(await runShell(`${words} | sluice emit sqlite:${path}; echo $?`)).toMatchObject({ stdout: '0\n' });
    expect(query(path, 'SELECT count(*) FROM r')).toEqual([[2n]]);
  });

  test.for([
    ['no folder', ':', 'none/r.db', '73', 'cannot write to none/r.db: its folder does not exist'],
    ['another file', 'seq 1000 > r.db', 'r.db', '73', 'r.db is there and is no SQLite database'],
    ['--format', ':', 'r.db --format csv', '2', '--format does nothing with sqlite:r.db'],
    [
      'columns that are one to SQLite',
      `printf '%s\\n' '{"word":"a","count":1,"Word":"b"}' >in; sqlite3 r.db 'CREATE TABLE t (word, count)'; sluice run 'ingest --format json in | batch --once | emit r.db --table t'`,
      'r.db',
      '0',
      "a row has two columns that are 'word' here: only case differs",
    ],
    [
      'a column beside the edge of a window',
      `echo '{"ts":1772409500,"window_start":"mine"}' >in; sluice run 'ingest --format json in | batch --once | window 1m --time ts | emit r.db --table t'`,
      'r.db',
      '0',
      "a row has a column 'window_start' beside the edge of its window",
    ],
    ['no table', ':', 'r.db --table _sluice', '2', "'_sluice' cannot be the name of a table"],
  ] as const)('%s', async ([, before, operand, exit, message]) => {
    const { stdout, stderr } = await runShell(`${before}; ${words} | sluice emit sqlite:${operand}; echo $?`);
    expect(stdout).toBe(`${exit}\n`);
    expect(stderr).toContain(message);
  });

  test('--key of several columns, with commas or one by one', async () => {
    const path = join(temporaryFolder(), 'r.db');
    const rows = (count: number): string =>
      `echo '{"day":"mo","status":200,"n":${count}}' | sluice ingest --format json | sluice batch --once`;
    for (const [index, key] of ['--key day,status', '--key day --key status'].entries())
      expect(
        await runShell(`${rows(index)} | sluice emit sqlite:${path} --mode upsert ${key}; echo $?`),
      ).toMatchObject({ stdout: '0\n', stderr: '' });
    expect(query(path, 'SELECT day, status, n FROM r')).toEqual([['mo', 200n, 1n]]);
  });

  test('a column declared as DATE keeps dates, and no text that SQLite would take for a number', async () => {
    const path = join(temporaryFolder(), 'r.db');
    execute(path, 'CREATE TABLE r (day DATE)');
    const emit = (day: string): Promise<unknown> =>
      runShell(
        `echo '{"day":"${day}"}' | sluice ingest --format json | sluice batch --once | sluice emit sqlite:${path} 2>/dev/null; echo $?`,
      );
    for (const day of ['2026-03-01', '01.03.2026 10:00', '1e3x', 'today'])
      expect(await emit(day)).toMatchObject({ stdout: '0\n' });
    for (const day of ['20260301', ' 1e3', '.5', '+1.'])
      expect(await emit(day)).toMatchObject({ stdout: '65\n' });
    expect(query(path, 'SELECT day FROM r')).toEqual([
      ['2026-03-01'],
      ['01.03.2026 10:00'],
      ['1e3x'],
      ['today'],
    ]);
  });

  test('a damaged database', async () => {
    const path = join(temporaryFolder(), 'r.db');
    execute(path, 'CREATE TABLE r (word, count)');
    const damage = `printf 'xxxxxxxxxxxxxxxx' | dd of=${path} bs=1 seek=100 conv=notrunc status=none`;
    const { stdout, stderr } = await runShell(`${damage}; ${words} | sluice emit sqlite:${path}; echo $?`);
    expect(stdout).toBe('74\n');
    expect(stderr).toContain(`${path} is damaged: `);
  });

  test.skipIf(!canMount())('a full disk, then a read-only one; then it goes on', async () => {
    const folder = temporaryFolder();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', ['-l', disk]));
    const input = join(folder, 'in.txt');
    execFileSync('bash', ['-c', `seq 1 20000 > ${input}`]);
    const line = `sluice ingest --state ${folder}/st ${input} | sluice batch --records 1000 | sluice emit sqlite:${disk}/r.db; echo $?`;
    const full = await runShell(line);
    expect(full.stdout).toBe('74\n');
    expect(full.stderr).toContain(
      `cannot write to ${disk}/r.db: no space left on the disk\n  hint: free some space`,
    );
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const readOnly = await runShell(line);
    expect(readOnly.stdout).toMatch(/^7[34]\n$/);
    expect(readOnly.stderr).toContain(`${disk}/r.db`);
    execFileSync('mount', ['-o', 'remount,rw,size=8m', disk]);
    expect(await runShell(line)).toMatchObject({ stdout: '0\n', stderr: '' });
    expect(query(`${disk}/r.db`, 'SELECT count(*), sum(record) FROM r')).toEqual([[20_000n, 200_010_000n]]);
  });
});

function canMount(): boolean {
  return process.getuid?.() === 0;
}

// A batch is in the table or it is not.
test.for([
  ['was cut off', ''],
  ['failed', '{"v":1,"n":0,"end":"failed","reason":"upstream","records":[]}'],
])('a stream that %s leaves the batches that were complete', async ([, end]) => {
  const path = join(temporaryFolder(), 'r.db');
  const envelopes = [
    '{"v":1,"batch":0,"part":0,"last":true,"n":1,"records":[{"a":1}]}',
    '{"v":1,"batch":1,"part":0,"last":false,"n":1,"records":[{"a":2}]}',
    end,
  ];
  const { stdout } = await runShell(
    `printf '%s\\n' '${envelopes.filter(Boolean).join("' '")}' | sluice emit sqlite:${path}; echo $?`,
  );
  expect(stdout).toBe('74\n');
  expect(query(path, 'SELECT a FROM r')).toEqual([[1n]]);
});

describe('the next run', () => {
  const begin = (): { folder: string; line: string } => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'in.txt'), 'a\nb\nc\n');
    const line = `cd ${folder}; sluice ingest --state st in.txt | sluice batch --records 2 | sluice emit sqlite:r.db`;
    return { folder, line };
  };
  const records = (folder: string): unknown[] => query(join(folder, 'r.db'), 'SELECT record FROM r').flat();

  test('adds nothing where nothing is new; where the state was reset it is another job', async () => {
    const { folder, line } = begin();
    for (const run of [line, line, `sluice state reset ${folder}/st; ${line}`])
      expect(await runShell(run)).toMatchObject({ exits: [0, 0, 0], stderr: '' });
    expect(records(folder)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('begins a database that is gone with what is new', async () => {
    const { folder, line } = begin();
    await runShell(line);
    expect(await runShell(`cd ${folder}; rm r.db; echo d >>in.txt; ${line}`)).toMatchObject({
      exits: [0, 0, 0],
      stderr: "sluice emit: r.db has nothing of this job in table 'r': what is new is added to it\n",
    });
    expect(records(folder)).toEqual(['d']);
  });
});

describe('kill -9', () => {
  const count = 3000;
  const records = Array.from({ length: count }, (_, index) => `k${index % 7} ${index}`);
  const undisturbed = records.map((record, index) => [BigInt(index + 1), record]);
  /** Each folder has its own input, since a job knows its files by name. */
  const lineIn = (folder: string): string =>
    `cd ${folder}; sluice ingest --state st in.txt | sluice batch --records 20 | sluice emit sqlite:r.db`;

  function folderWithInput(): string {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'in.txt'), `${records.join('\n')}\n`);
    return folder;
  }

  const rowsIn = (folder: string): unknown[][] =>
    query(join(folder, 'r.db'), 'SELECT rowid, record FROM r ORDER BY rowid');

  // (1) with a kill at places that chance seldom finds.
  test.for([
    'rows-inserted',
    'rows-inserted#2',
    'database-committed',
    'database-committed#2',
    'written',
    'renamed#2',
  ])('of emit at %s', async (point) => {
    const folder = folderWithInput();
    const dies = lineIn(folder).replace('sluice emit', `SLUICE_FAULT=${point} sluice emit`);
    expect((await runShell(dies)).exits.at(-1)).toBe(137);
    expect(await runShell(lineIn(folder))).toMatchObject({ exits: [0, 0, 0], stderr: '' });
    expect(rowsIn(folder)).toEqual(undisturbed);
  });

  // (1) The database is ahead of the job, and the run that is to catch up dies as well.
  test.for(['written', 'renamed', 'renamed#2', 'renamed#3'])(
    'of emit with the database ahead, and again at %s',
    async (point) => {
      const folder = folderWithInput();
      for (const each of ['database-committed#2', point]) {
        const dies = lineIn(folder).replace('sluice emit', `SLUICE_FAULT=${each} sluice emit`);
        expect((await runShell(dies)).exits.at(-1)).toBe(137);
      }
      expect(await runShell(lineIn(folder))).toMatchObject({ exits: [0, 0, 0], stderr: '' });
      expect(rowsIn(folder)).toEqual(undisturbed);
    },
  );

  // (1): SLUICE_KILLS=100 for more of them.
  test('of emit at any moment', async () => {
    const kills = Number(process.env['SLUICE_KILLS'] ?? 16);
    let folder = folderWithInput();
    let killed = 0;
    while (killed < kills) {
      const shell = startShell(lineIn(folder));
      const emit = await until('emit runs', () => stagesOf(shell).find(({ name }) => name === 'emit'));
      await sleep(100 + Math.random() * 300);
      try {
        process.kill(emit.pid, 'SIGKILL');
        killed += 1;
      } catch {
        // It had ended by itself.
      }
      const { exits } = await shell.done;
      if (exits.at(-1) !== 0) continue;
      expect(rowsIn(folder)).toEqual(undisturbed);
      folder = folderWithInput();
    }
    await runShell(lineIn(folder));
    expect(rowsIn(folder)).toEqual(undisturbed);
  }, 600_000);
});
