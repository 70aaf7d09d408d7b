// `emit FILE`: whole or absent, whatever happens.
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signalStages, stagesReady, until } from '../helpers/processes.ts';
import { runShell, startShell } from '../helpers/shell.ts';

const words = `printf 'a b\\na\\n' | sluice ingest | sluice batch --once | sluice reduce --words`;
const counted = 'word,count\na,2\nb,1\n';
const live = `sluice ingest < <(echo a b; echo a; exec sleep 20) | sluice batch 100ms | sluice emit --format csv`;
const ls = 'ls -A --ignore=fixtures';

describe.concurrent('a stream that ends well', () => {
  test.for([
    ['a new file', `${words} | sluice emit r.csv; cat r.csv`],
    ['an existing file', `seq 1000 > r.csv; ${words} | sluice emit r.csv; cat r.csv`],
    ['a link to a file', `echo old > r.csv; ln -s r.csv l.csv; ${words} | sluice emit l.csv; cat r.csv`],
    [
      'a link to a file that is not there yet',
      `mkdir d; ln -s d/r.csv l.csv; ${words} | sluice emit l.csv; cat d/r.csv`,
    ],
    ['a name as long as names can be', `n=$(printf 'ü%.0s' {1..125}).csv; ${words} | sluice emit $n; cat $n`],
    ['a pipe of bash', `${words} | sluice emit --format csv >(cat > r.csv); sleep 0.3; cat r.csv`],
    [
      'a file that it reads',
      `printf 'a b\\na\\n' > r.csv; sluice ingest r.csv | sluice batch --once | sluice reduce --words | sluice emit r.csv; cat r.csv`,
    ],
  ] as const)('%s', async ([, line]) => {
    expect(await runShell(line)).toMatchObject({ stdout: counted, stderr: '' });
  });

  test('leaves nothing else, keeps the mode, and the link', async () => {
    const { stdout } = await runShell(
      `echo old > r.csv; chmod 640 r.csv; ln -s r.csv l.csv; ${words} | sluice emit l.csv; ${ls}; stat -c %a r.csv; readlink l.csv`,
    );
    expect(stdout).toBe('l.csv\nr.csv\n640\nr.csv\n');
  });
});

test.concurrent.for([
  ['Parquet', '--format parquet p'],
  ['a template', '--format csv file:{k}'],
  ['a template, in a job that keeps state', '--format csv file:{k}'],
] as const)('a pipe or a device is never replaced by %s', async ([what, operand]) => {
  const state = what.includes('state') ? '--state st' : '';
  const { stdout, stderr } = await runShell(
    `mkfifo p; echo '{"k":"p"}' >in; sluice run 'ingest --format json ${state} in | batch --once | emit ${operand}'; echo $?; [ -p p ] && echo there; ls -A --ignore=fixtures --ignore=st`,
  );
  expect(stdout).toBe('73\nthere\nin\np\n');
  expect(stderr).toMatch(/^sluice emit: cannot write to .*p: it is there, and no regular file\n/m);
});

describe.concurrent('a stream that does not', () => {
  test.for([
    [
      'upstream failed',
      `sluice ingest fixtures/nothing.log fixtures/none | sluice batch --once | sluice emit r.csv`,
      74,
    ],
    ['upstream was cut off', `printf '{"v":1,"records":["a"]}\\n' | sluice emit r.csv`, 74],
    ['rows of other columns', `printf '{"records":[{"a":1},{"b":1}]}\\n' | sluice emit r.csv`, 65],
    [
      'a full disk',
      `(trap '' XFSZ; ulimit -f 8; seq 20000 | sluice ingest | sluice batch --once | sluice emit r.csv)`,
      74,
    ],
    [
      'by run',
      `sluice run 'ingest fixtures/no-last-newline.txt | batch --once | reduce "sum(\\$2)" | emit r.csv'`,
      65,
    ],
  ] as const)('%s: what was there stays', async ([, line, exit]) => {
    const { stdout, stderr, exits } = await runShell(`echo old > r.csv; ${line}; echo $?; cat r.csv; ${ls}`);
    expect(stdout).toBe(`${exit}\nold\nr.csv\n`);
    expect(stderr).toContain('sluice emit: nothing was written to r.csv\n');
    expect(exits).toEqual([0]);
  });
});

describe.concurrent('an endless stream', () => {
  test('the rows are in a hidden file until Ctrl-C drains it into its place', async () => {
    const shell = startShell(`${live} r.csv; cat r.csv`);
    await stagesReady(shell, 3);
    const part = await until('rows are written', () =>
      readdirSync(shell.folder).find(
        (name) => /^\.r\.csv\.\d+\.part$/.test(name) && statSync(join(shell.folder, name)).size > 0,
      ),
    );
    expect(readFileSync(join(shell.folder, part), 'utf8')).toBe('record\na b\na\n');
    expect(() => lstatSync(join(shell.folder, 'r.csv'))).toThrow('ENOENT');
    shell.signal('SIGINT');
    expect(await shell.done).toMatchObject({ stdout: 'record\na b\na\n', stderr: '' });
  });

  test('killed, it leaves the file as it was', async () => {
    const shell = startShell(`echo old > r.csv; ${live} r.csv; cat r.csv`);
    const stages = await stagesReady(shell, 3);
    signalStages(stages, 'SIGKILL');
    expect(await shell.done).toMatchObject({ stdout: 'old\n' });
  });

  test('ended by a second signal, it leaves nothing', async () => {
    const shell = startShell(
      `yes | sluice ingest | sluice batch --records 1000 | (trap '' INT; exec sluice emit r.csv) & emit=$!; wait; ${ls}`,
    );
    const stages = await stagesReady(shell, 3);
    await until('rows are written', () => readdirSync(shell.folder).find((name) => name.endsWith('.part')));
    const emit = stages.find(({ name }) => name === 'emit')?.pid ?? 0;
    process.kill(emit, 'SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(emit, 'SIGTERM');
    expect((await shell.done).stdout).toBe('');
  });
});

test.runIf(process.getuid?.() !== 0)('no permission', async () => {
  const shell = startShell(
    `mkdir closed; touch r.csv; sleep 0.5; echo | sluice emit closed/r.csv; echo $?; echo | sluice emit r.csv; echo $?`,
  );
  await until('there is a folder', () => readdirSync(shell.folder).find((name) => name === 'r.csv'));
  chmodSync(join(shell.folder, 'closed'), 0o555);
  chmodSync(join(shell.folder, 'r.csv'), 0o444);
  const { stdout, stderr } = await shell.done;
  expect(stdout).toBe('73\n73\n');
  expect(stderr).toContain('sluice emit: cannot write to r.csv: no permission to write it\n');
});

test.runIf(process.getuid?.() === 0)('root leaves a file to whom it belonged', async () => {
  const { stdout } = await runShell(
    `touch r.csv; chown 1234:5678 r.csv; chmod 604 r.csv; ${words} | sluice emit r.csv; stat -c '%u %g %a' r.csv`,
  );
  expect(stdout).toBe('1234 5678 604\n');
});
