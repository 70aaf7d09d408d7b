// `sluice run` where the beginning is fused into a scan: the same bytes as the stages, whatever turns up.
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const wordy = `printf 'b a b\\r\\n\\xff c\\n\\n  last a' > w.txt; seq -f '%g word' 200000 > n.txt`;
const orders = `for i in 1 2 3; do echo '{"shop":"north","price":'$i'.25,"note":"a,b"}'; echo '{"shop":2,"price":null}'; done > o.ndjson`;

/** The same reduction as a shell line and by run, with any number of workers. */
async function both(prepare: string, stages: readonly string[]): Promise<string[]> {
  const shell = stages.map((stage) => `sluice ${stage}`).join(' | ');
  const lines = [
    shell,
    ...[0, 1, 3].map((workers) => `sluice run --workers ${workers} '${stages.join(' | ')}'`),
  ];
  const results = [];
  for (const line of lines) results.push(await runShell(`${prepare}; ${line}`));
  return results.map(({ stdout, stderr }) => stdout + stderr);
}

describe('the same bytes', () => {
  test.each([
    ['words', wordy, ['ingest w.txt n.txt w.txt', 'batch --once', 'reduce --words', 'emit --format csv']],
    [
      'columns',
      wordy,
      ['ingest n.txt', 'batch --once', 'reduce count "sum($1)" "avg($1)" --by "$2"', 'emit'],
    ],
    [
      'members',
      orders,
      ['ingest --format json o.ndjson', 'batch --once', 'reduce count "sum(price)" --by shop', 'emit'],
    ],
    [
      'no keys',
      orders,
      ['ingest --format json o.ndjson', 'batch --once', 'reduce count "avg(price)"', 'emit'],
    ],
    [
      'two keys',
      orders,
      ['ingest --format json o.ndjson', 'batch --once', 'reduce count --by note,shop', 'emit'],
    ],
    ['lines cut off', wordy, ['ingest --max-record 4 w.txt', 'batch --once', 'reduce --words', 'emit']],
    [
      'so much that worker threads start',
      `yes 'one two 3' | head -c 41943040 > l.txt`,
      ['ingest l.txt', 'batch --once', 'reduce --words', 'emit'],
    ],
    ['nothing', ': > e.txt', ['ingest e.txt', 'batch --once', 'reduce --words', 'emit']],
    [
      'large integers, which only the stages keep',
      `printf '{"id":9007199254740993}\\n{"id":9007199254740992}\\n' > i.ndjson`,
      ['ingest --format json i.ndjson', 'batch --once', 'reduce count --by id', 'emit --format ndjson'],
    ],
    [
      'rejected records',
      `printf '{"a":1}\\n{"a":"x"}\\n[1]\\nno\\n{"a":2}\\n' > r.ndjson`,
      [
        'ingest --format json --on-error skip r.ndjson',
        'batch --once',
        'reduce "sum(a)" --on-error skip',
        'emit --format ndjson',
      ],
    ],
  ])('%s', async (_name, prepare, stages) => {
    // A dollar sign in double quotes is escaped in both, as in a shell.
    const [shell, ...runs] = await both(
      prepare,
      stages.map((stage) => stage.replaceAll('$', '\\$')),
    );
    expect(shell).not.toBe('');
    for (const run of runs) expect(run).toBe(shell);
  });
});

test('a pipeline from a file, over several lines, with comments', async () => {
  const plan = `printf 'ingest w.txt # the words\\n| batch --once\\n| reduce --words\\n| emit --format csv --top 1\\n' > job.sluice`;
  const { stdout, exits } = await runShell(`${wordy}; ${plan}; sluice run --file job.sluice`);
  expect({ stdout, exits }).toEqual({ stdout: 'word,count\na,2\n', exits: [0] });
});

test('a reader that goes away ends it quietly', async () => {
  const { stderr, exits } = await runShell(
    `${wordy}; sluice run 'ingest n.txt | batch --once | reduce --words | emit --format csv' | head -1`,
  );
  expect({ stderr, exits }).toEqual({ stderr: '', exits: [0, 0] });
});
