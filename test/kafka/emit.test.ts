// Rows written to a topic of a real broker, by lines as people type them.
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { consoleConsumer, makeTopic, produce, readTopic } from './topics.ts';
import { describeWithKafka } from './with-broker.ts';

const sorted = (values: readonly (string | null)[]): (string | null)[] =>
  values.toSorted((one, other) => Number(one) - Number(other));

const clean = (exits: readonly number[]): number[] => exits.filter((exit) => exit !== 0);

describeWithKafka('emit writes to a topic', {}, (broker) => {
  const at = (topic: string): string => `kafka://${broker().bootstrap}/${topic}`;

  async function run(line: string): Promise<void> {
    const { stderr, exits } = await runShell(line);
    expect({ stderr, failed: clean(exits) }).toEqual({ stderr: '', failed: [] });
  }

  async function valuesOf(topic: string): Promise<(string | null)[]> {
    return (await readTopic(broker(), topic)).map(({ value }) => value);
  }

  const lines: readonly [string, (topic: string) => string][] = [
    [
      'in a pipe',
      (topic) =>
        `printf 'a\\nb\\na\\n' | sluice ingest | sluice batch --once | sluice reduce --words | sluice emit ${topic} --sort count`,
    ],
    [
      'in one process',
      (topic) =>
        `printf 'a\\nb\\na\\n' | sluice run 'ingest | batch --once | reduce --words | emit ${topic} --sort count'`,
    ],
  ];
  test.for(lines)('rows as JSON, %s', async ([, line]) => {
    const topic = await makeTopic(broker());
    await run(line(at(topic)));
    expect(await valuesOf(topic)).toEqual(['{"word":"a","count":2}', '{"word":"b","count":1}']);
  });

  test('rows that are text as that text', async () => {
    const topic = await makeTopic(broker());
    await run(
      `printf 'one\\nt"w\\\\o \\303\\251\\n\\n' | sluice ingest | sluice batch --once | sluice emit ${at(topic)}`,
    );
    expect(await valuesOf(topic)).toEqual(['one', 't"w\\o é', '']);
  });

  test('rows of windows with their edges', async () => {
    const topic = await makeTopic(broker());
    await run(
      `printf '2026-03-01T10:00:01Z\\n2026-03-01T10:00:07Z\\n' | sluice ingest | sluice batch --once | sluice window 5s --time '$1' | sluice reduce count | sluice emit ${at(topic)}`,
    );
    expect(await valuesOf(topic)).toEqual([
      '{"window_start":"2026-03-01T10:00:00Z","window_end":"2026-03-01T10:00:05Z","count":1}',
      '{"window_start":"2026-03-01T10:00:05Z","window_end":"2026-03-01T10:00:10Z","count":1}',
    ]);
  });

  test('each key to the partition that other clients choose for it', async () => {
    const [ours, theirs] = [await makeTopic(broker(), 5), await makeTopic(broker(), 5)];
    const keys = [...Array.from({ length: 60 }, (_, index) => `key-${index}`), 'é', '東京', 'x'.repeat(301)];
    await run(
      `printf '%s\\n' ${keys.join(' ')} | sluice ingest | sluice batch --once | sluice reduce count --by 'k=$1' | sluice emit ${at(ours)} --key k`,
    );
    await produce(
      broker(),
      theirs,
      keys.map((key) => ({ key, value: 'v' })),
    );
    const places = async (topic: string): Promise<Record<string, number>> =>
      Object.fromEntries((await readTopic(broker(), topic)).map(({ key, partition }) => [key, partition]));
    const found = await places(ours);
    expect(Object.keys(found)).toHaveLength(keys.length);
    expect(found).toEqual(await places(theirs));
  });

  test('a number as key, and a row without one is refused', async () => {
    const topic = await makeTopic(broker());
    const line = `sluice ingest --format json | sluice batch --once | sluice emit ${at(topic)} --key user.id`;
    await run(`echo '{"user":{"id":12}}' | ${line}`);
    const { stderr, exits } = await runShell(`echo '{"user":{}}' | ${line}`);
    expect(exits.at(-1)).toBe(65);
    expect(stderr).toContain('has no user.id, which is to be its key');
    expect((await readTopic(broker(), topic)).map(({ key }) => key)).toEqual(['12']);
  });

  test('many rows, packed, over all partitions, each once', async () => {
    const topic = await makeTopic(broker(), 4);
    await run(
      `seq 200000 | sluice ingest | sluice batch --records 20000 | sluice emit ${at(topic)} --compression gzip`,
    );
    const records = await readTopic(broker(), topic);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(4);
    expect(records.map(({ value }) => Number(value)).sort((one, other) => one - other)).toEqual(
      Array.from({ length: 200_000 }, (_, index) => index + 1),
    );
  });

  test('a row that is larger than the topic takes is refused, in one line', async () => {
    const topic = await makeTopic(broker());
    const { stderr, exits } = await runShell(
      `head -c 3000000 /dev/zero | tr '\\0' x | sluice ingest --max-record 4MiB | sluice batch --once | sluice emit ${at(topic)}`,
    );
    expect(exits.at(-1)).toBe(65);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toContain('does not take a row as large as this');
  });

  test('--transactional is for jobs that keep state', async () => {
    const topic = await makeTopic(broker());
    const { stderr, exits } = await runShell(
      `echo a | sluice ingest | sluice batch --once | sluice emit ${at(topic)} --transactional`,
    );
    expect(exits.at(-1)).toBe(2);
    expect(stderr).toBe(
      'sluice emit: --transactional is for a job that keeps state, which knows what was written already\n' +
        '  hint: give ingest a folder for it: --state DIR\n',
    );
    expect(await valuesOf(topic)).toEqual([]);
  });

  describe('in a job that keeps state', () => {
    const job = (topic: string, options = '', emit = 'sluice emit'): string =>
      `sluice ingest in.txt --state st | sluice batch --records 100 | ${emit} ${at(topic)} ${options}`;
    const numbers = Array.from({ length: 1000 }, (_, index) => String(index + 1));

    test('each line of a growing file once, run by run', async () => {
      const folder = temporaryFolder();
      const topic = await makeTopic(broker());
      for (const options of ['', '--transactional']) {
        await run(`cd ${folder}; rm -rf st; seq 3 > in.txt; ${job(topic, options)}`);
        await run(`cd ${folder}; seq 4 5 >> in.txt; ${job(topic, options)}`);
        await run(`cd ${folder}; ${job(topic, options)}`);
      }
      expect(await valuesOf(topic)).toEqual(['1', '2', '3', '4', '5', '1', '2', '3', '4', '5']);
    });

    test.for([
      ['before its transaction is committed', 'rows-produced'],
      ['after its transaction is committed', 'transaction-committed'],
      ['before a later one is', 'rows-produced#2'],
      ['after a later one is', 'transaction-committed#2'],
      ['when the commit of the job is half written', 'half-written#3'],
      ['when the commit of the job is written', 'written#3'],
    ] as const)('exactly once where emit is killed %s', async ([, point]) => {
      const folder = temporaryFolder();
      const topic = await makeTopic(broker(), 3);
      // It grows, so that there are several commits, and each stage notices that the next one is gone.
      const growing =
        '(for n in {0..19}; do seq $((n * 50 + 1)) $((n * 50 + 50)); sleep 0.15; done > in.txt) &';
      const isGrown = 'until [ "$(wc -l < in.txt)" = 1000 ]; do sleep 0.1; done';
      const line = job(topic, '--transactional', `SLUICE_FAULT=${point} sluice emit`);
      const { exits } = await runShell(`cd ${folder}; ${growing} ${line.replace('in.txt', '-f in.txt')}`);
      expect(exits.at(-1)).toBe(137);
      await run(`cd ${folder}; ${isGrown}; ${job(topic, '--transactional')}`);
      expect(sorted(await valuesOf(topic))).toEqual(numbers);
    });

    test('what is not committed is with the broker, and not seen until the line is run again', async () => {
      const folder = temporaryFolder();
      const topic = await makeTopic(broker());
      const line = `sluice ingest in.txt --state st | sluice batch --once | sluice emit ${at(topic)} --transactional`;
      await runShell(
        `cd ${folder}; yes ${'x'.repeat(1000)} | head -1500 > in.txt; SLUICE_FAULT=rows-produced; export SLUICE_FAULT; ${line}`,
      );
      expect(consoleConsumer(broker(), topic, 801, 'read_uncommitted')).toHaveLength(801);
      expect(consoleConsumer(broker(), topic, 0)).toEqual([]);
      await run(`cd ${folder}; ${line}`);
      expect(consoleConsumer(broker(), topic, 1500)).toHaveLength(1500);
      expect(await valuesOf(topic)).toHaveLength(1500);
    });

    test('at least once without --transactional', async () => {
      const folder = temporaryFolder();
      const topic = await makeTopic(broker());
      await runShell(`cd ${folder}; seq 1000 > in.txt`);
      const { exits } = await runShell(
        `cd ${folder}; ${job(topic, '', 'SLUICE_FAULT=half-written#2 sluice emit')}`,
      );
      expect(exits.at(-1)).toBe(137);
      await run(`cd ${folder}; ${job(topic)}`);
      expect(sorted([...new Set(await valuesOf(topic))])).toEqual(numbers);
    });
  });
});
