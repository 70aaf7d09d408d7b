// Several pipelines in one run: the same bytes as each by itself, whatever is shared and whatever is fused.
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const log = `for i in $(seq 300); do echo "h$((i%7)) - - [x] GET /$((i%5)) s $((i%3))00 $i"; done > a.log; seq -f '%g word' 200000 > n.txt`;
const orders = `for i in 1 2 3; do echo '{"shop":"north","price":'$i'.25}'; echo '{"shop":2,"price":null}'; done > o.ndjson`;

/** Files written by the branches of one run and by the pipelines one by one, as shell lines. */
async function both(prepare: string, pipelines: readonly string[]): Promise<[string, string]> {
  const sinks = pipelines.map((_, index) => `emit ${index}.csv`);
  const joined = pipelines.map((pipeline, index) => `${pipeline} | ${sinks[index]}`).join(' ; ');
  const cat = `cat ${pipelines.map((_, index) => `${index}.csv`).join(' ')}`;
  const lines = pipelines.map((pipeline, index) =>
    `sluice ${pipeline} | ${sinks[index]}`.replaceAll(' | ', ' | sluice '),
  );
  const [apart, together] = await Promise.all([
    runShell(`${prepare}; ${lines.join('; ')}; ${cat}`),
    runShell(`${prepare}; cat > job <<'END'\n${joined}\nEND\nsluice run --workers 2 --file job; ${cat}`),
  ]);
  return [apart.stdout + apart.stderr, together.stdout + together.stderr];
}

describe.concurrent('the same bytes', () => {
  const whole = 'ingest a.log n.txt a.log | batch --once';
  test.for([
    [
      'reductions from bytes',
      log,
      [
        `${whole} | reduce --words`,
        `${whole} | reduce count --by '$2'`,
        `${whole} | reduce 'avg($1)' --by '$9' --on-error skip`,
      ],
    ],
    [
      'some from bytes, some not',
      log,
      [`${whole} | reduce --words`, `${whole} | reduce 'min($9)' --by '$2' --on-error skip`],
    ],
    [
      'batches by count, two ways',
      log,
      [
        'ingest a.log | batch --records 50 | reduce --words',
        "ingest a.log | batch --records 50 | reduce count --by '$1'",
        "ingest a.log | batch --records 70 | reduce count --by '$1'",
      ],
    ],
    [
      'branches behind a window',
      log,
      [
        'ingest a.log | batch 36500d | window 36500d | reduce --words',
        "ingest a.log | batch 36500d | window 36500d | reduce count --by '$2,$8'",
        'ingest a.log | batch 36500d | reduce --words',
      ],
    ],
    [
      'branches below a reduction',
      log,
      [`${whole} | reduce --words | reduce --partial`, `${whole} | reduce --words`],
    ],
    [
      'one that has no reduction',
      log,
      ['ingest a.log | batch --once', 'ingest a.log | batch --once | reduce --words'],
    ],
    [
      'members',
      orders,
      [
        'ingest --format json o.ndjson | batch --once | reduce count --by shop',
        "ingest --format json o.ndjson | batch --once | reduce 'sum(price)'",
      ],
    ],
    [
      'a scan that is given up',
      `printf '1\\nx\\n' > x.txt`,
      [
        "ingest x.txt | batch --once | reduce 'sum($1)' --on-error skip",
        "ingest x.txt | batch --once | reduce count --by '$1'",
      ],
    ],
    [
      'nothing in common',
      log,
      ['ingest a.log | batch --once | reduce --words', 'ingest n.txt | batch --once | reduce count'],
    ],
  ] as const)('%s', async ([, prepare, pipelines]) => {
    const [apart, together] = await both(prepare, pipelines);
    expect(together).toBe(apart);
    expect(apart).toMatch(/^\d*.*\n/);
  });

  test('many sources, and one signal for all of them', async () => {
    const { stdout, stderr } = await runShell(
      `for i in $(seq 12); do seq $i > $i.log; plan+="ingest $i.log | batch --once | reduce count | emit $i.csv ;"; done; sluice run "\${plan%;}"; cat *.csv | sort -n | uniq | paste -sd' '`,
    );
    expect(stdout).toBe('count 1 2 3 4 5 6 7 8 9 10 11 12\n');
    expect(stderr).toBe('');
  });

  test('one branch on standard output, wherever it stands', async () => {
    const start = 'ingest a.log | batch --once';
    const { stdout } = await runShell(
      `${log}; sluice run "${start} | reduce count | emit x.csv ; ${start} | reduce count --by '\\$8' | emit --format csv; ${start} | reduce count | emit y.csv"; cat x.csv y.csv`,
    );
    expect(stdout).toBe('$8,count\n000,100\n100,100\n200,100\ncount\n300\ncount\n300\n');
  });
});

describe.concurrent('a branch that fails', () => {
  const start = `ingest a.log | batch --records 100`;

  test.for([
    ['a record', `reduce 'sum(\\$1)' | emit bad.csv`, 65],
    ['its sink', `emit --format csv /dev/full`, 74],
  ] as const)('on %s does not stop the others; the exit code is the worst', async ([, rest, exit]) => {
    const { stdout, stderr } = await runShell(
      `${log}; sluice run "${start} | ${rest} ; ${start} | reduce count | emit good.csv"; echo $?; cat good.csv; ls -A *.csv`,
    );
    expect(stdout).toBe(`${exit}\ncount\n100\n100\n100\ngood.csv\n`);
    expect(stderr).toMatch(exit === 65 ? /sluice reduce: .*\n/ : /^sluice emit: cannot write to \/dev\/full/);
  });

  test('every failure is told', async () => {
    const { stderr, exits } = await runShell(
      `${log}; sluice run "${start} | reduce 'sum(\\$1)' | emit a.csv ; ${start} | emit --format csv /dev/full"`,
    );
    expect(stderr.match(/^sluice (reduce|emit): (?!nothing)/gm)).toHaveLength(2);
    expect(exits).toEqual([74]);
  });

  test('what they share fails for all', async () => {
    const shared = `ingest --format json bad.ndjson | batch --records 1`;
    const { stdout, stderr } = await runShell(
      `printf '{"a":1}\\nno\\n' > bad.ndjson; sluice run "${shared} | emit a.csv; ${shared} | reduce count | emit b.csv"; echo $?; ls -A | grep csv`,
    );
    expect(stdout).toBe('65\n');
    expect(stderr).toContain('nothing was written to a.csv\n');
    expect(stderr).toContain('nothing was written to b.csv\n');
    expect(stderr.match(/^sluice ingest: /gm)).toHaveLength(1);
  });

  test('all fail: an endless source is left', async () => {
    const { exits } = await runShell(
      `yes | sluice run "ingest | batch --records 10 | emit --format csv /dev/full ; ingest | batch --records 10 | reduce 'sum(\\$1)' | emit b.csv"`,
    );
    expect(exits).toEqual([141, 74]);
  });

  test('rejected records above the limit in one of them', async () => {
    const { exits } = await runShell(
      `${log}; sluice run "${start} | reduce count | emit a.csv; ${start} | reduce 'sum(\\$1)' --on-error skip --max-errors 2 | emit b.csv"`,
    );
    expect(exits).toEqual([1]);
  });
});
