// Topics read by lines as people type them, from a real broker.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { peakMemory, stagesOf, stagesReady, until } from '../helpers/processes.ts';
import { runShell, startShell, type RunningShell, type ShellOptions } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { makeTopic, numbered, produce, producerOf, withAdmin } from './topics.ts';
import { describeWithKafka } from './with-broker.ts';

type Envelope = {
  readonly offsets?: Record<string, { from: { offset: number }; until: { offset: number } }>;
  readonly records: unknown[];
  readonly end?: string;
  readonly stages?: readonly Record<string, unknown>[];
};

const envelopesOf = (stdout: string): Envelope[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Envelope);

const looksOften = { SLUICE_KAFKA_DISCOVER: '300' };

function start(line: string, options?: ShellOptions): RunningShell {
  const shell = startShell(line, options);
  onTestFinished(() => shell.signal('SIGKILL'));
  return shell;
}

/** Lines of a file in the shell's folder, so far. */
function linesOf(shell: RunningShell, file: string): string[] {
  const path = join(shell.folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

const hasLines = (shell: RunningShell, count: number): Promise<string[]> =>
  until(`${count} lines are there`, () => {
    const lines = linesOf(shell, 'rows');
    return lines.length >= count ? lines : undefined;
  });

describeWithKafka('ingest reads a topic', {}, (broker) => {
  const at = (topic: string): string => `kafka://${broker().bootstrap}/${topic}`;

  /** The records that `ingest --until latest` yields, with these options. */
  async function recordsOf(topic: string, options = ''): Promise<unknown[]> {
    const { stdout, stderr, exits } = await runShell(
      `sluice ingest '${at(topic)}' --until latest ${options}`,
    );
    expect({ stderr, exits }).toEqual({ stderr: '', exits: [0] });
    return envelopesOf(stdout).flatMap(({ records }) => records);
  }

  test('each record once, and in order in each partition', async () => {
    const topic = await makeTopic(broker(), 4);
    for (const from of [0, 1000, 2000]) await produce(broker(), topic, numbered(4, from, 1000));
    const { stdout, stderr } = await runShell(`sluice ingest '${at(topic)}' --until latest`);
    expect(stderr).toBe('');
    const envelopes = envelopesOf(stdout);
    expect(envelopes.at(-1)).toMatchObject({ end: 'ok', records: [] });
    const found = new Map<string, number>();
    for (const { offsets = {}, records } of envelopes) {
      for (const [partition, { from, until: behind }] of Object.entries(offsets)) {
        expect(from.offset).toBe(found.get(partition) ?? 0);
        const number = partition.split('/')[1];
        const length = behind.offset - from.offset;
        expect(records).toEqual(Array.from({ length }, (_, index) => `${number}-${from.offset + index}`));
        found.set(partition, behind.offset);
      }
    }
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries([0, 1, 2, 3].map((partition) => [`${topic}/${partition}`, 3000])),
    );
  });

  test('in the formats of logs, and by map where the whole message is a record', async () => {
    const topic = await makeTopic(broker(), 1);
    const request = '::1 - - [10/Oct/2025:00:00:00 +0000] "GET /a\\x22b HTTP/1.1" 200 12 "-" "curl"';
    await produce(broker(), topic, [request, 'no line of a log', request.replace('200 12', '404 -')]);
    const rejected = join(temporaryFolder(), 'rejected');
    const lines = await runShell(
      `sluice ingest '${at(topic)}' --until latest --format combined --fields status,bytes,path --on-error ${rejected}`,
    );
    expect(envelopesOf(lines.stdout).flatMap(({ records }) => records)).toEqual([
      { path: '/a"b', status: 200, bytes: 12 },
      { path: '/a"b', status: 404, bytes: null },
    ]);
    expect(lines.stderr).toContain(`1 record rejected; the first: ${topic}/0, offset 1: `);
    expect(readFileSync(rejected, 'utf8')).toContain('no line of a log');
    const { stdout, stderr } = await runShell(
      `sluice ingest '${at(topic)}' --until latest --with-meta | sluice batch --once | sluice map --parse combined --fields status --from value --on-error skip | sluice map --select offset,status | sluice emit --format ndjson`,
    );
    expect(stdout).toBe('{"offset":0,"status":200}\n{"offset":2,"status":404}\n');
    expect(stderr).toContain('1 record rejected');
  });

  test.for([
    [
      'in a pipe',
      (topic: string) =>
        `sluice ingest ${topic} --until latest --format json | sluice batch --once | sluice reduce count 'sum(n)' --by shop | sluice emit --sort shop --format ndjson`,
    ],
    [
      'in one process',
      (topic: string) =>
        `sluice run 'ingest ${topic} --until latest --format json | batch --once | reduce count sum(n) --by shop | emit --sort shop --format ndjson'`,
    ],
  ] as const)('of JSON, %s', async ([, line]) => {
    const topic = await makeTopic(broker(), 2);
    const values = Array.from({ length: 100 }, (_, n) => `{"shop":"${n % 3 === 0 ? 'a' : 'b'}",\n "n":${n}}`);
    await produce(broker(), topic, values);
    const { stdout, stderr, exits } = await runShell(line(at(topic)));
    expect({ stderr, failed: exits.filter((exit) => exit !== 0) }).toEqual({ stderr: '', failed: [] });
    expect(stdout).toBe('{"shop":"a","count":34,"sum(n)":1683}\n{"shop":"b","count":66,"sum(n)":3267}\n');
  });

  test('that is empty, and ends at once where it shall end', async () => {
    const topic = await makeTopic(broker(), 3);
    expect(await recordsOf(topic)).toEqual([]);
  });

  test('with all that Kafka says of a message', async () => {
    const topic = await makeTopic(broker());
    const timestamp = String(Date.parse('2026-03-01T10:00:30Z'));
    await produce(broker(), topic, [
      { key: 'k\u00e9', value: 'v "1"', timestamp, headers: { trace: 'a', list: ['x', 'y'] } },
      { value: 'two\nlines', timestamp: String(Number(timestamp) + 60_000) },
      { key: 'gone', value: null, timestamp },
    ]);
    expect(await recordsOf(topic, '--with-meta')).toEqual([
      {
        topic,
        partition: 0,
        offset: 0,
        timestamp: Number(timestamp),
        key: 'k\u00e9',
        headers: { trace: 'a', list: ['x', 'y'] },
        value: 'v "1"',
      },
      expect.objectContaining({ offset: 1, key: null, headers: {}, value: 'two\nlines' }),
      expect.objectContaining({ offset: 2, key: 'gone', value: null }),
    ]);
    const { stdout, stderr } = await runShell(
      `sluice ingest ${at(topic)} --until latest --with-meta | sluice batch --once | sluice window 1m --time timestamp | sluice reduce count | sluice emit --format csv`,
    );
    expect(stderr).toBe('');
    expect(stdout).toBe(
      'window_start,window_end,count\n2026-03-01T10:00:00Z,2026-03-01T10:01:00Z,2\n2026-03-01T10:01:00Z,2026-03-01T10:02:00Z,1\n',
    );
  });

  test('whose values are JSON, with all that Kafka says', async () => {
    const topic = await makeTopic(broker());
    await produce(broker(), topic, [{ key: 'k', value: '{"n": 1}' }]);
    expect(await recordsOf(topic, '--with-meta --format json')).toMatchObject([
      { key: 'k', offset: 0, value: { n: 1 } },
    ]);
  });

  test('and passes over messages without a value, which it counts', async () => {
    const topic = await makeTopic(broker());
    await produce(broker(), topic, ['one', { key: 'a', value: null }, { key: 'b', value: null }, 'two', '']);
    const { stdout } = await runShell(`sluice ingest ${at(topic)} --until latest`);
    const envelopes = envelopesOf(stdout);
    expect(envelopes.flatMap(({ records }) => records)).toEqual(['one', 'two', '']);
    expect(envelopes.flatMap(({ stages = [] }) => stages)).toContainEqual(
      expect.objectContaining({ stage: 'ingest', tombstones: 2 }),
    );
    const empty = await makeTopic(broker());
    await produce(broker(), empty, [{ key: 'a', value: null }]);
    expect(await recordsOf(empty)).toEqual([]);
  });

  test('and keeps aside what is no JSON, with where it stands (fault 29)', async () => {
    const topic = await makeTopic(broker());
    await produce(broker(), topic, ['{"a":1}', '{"a":', '{"a":2}']);
    const line = `sluice ingest ${at(topic)} --until latest --format json --on-error rejected.ndjson`;
    const { stdout, stderr, exits } = await runShell(`${line}; cat rejected.ndjson`);
    expect(exits).toEqual([0]);
    expect(stderr).toMatch(/^sluice ingest: 1 record rejected; the first: t-\w+\/0, offset 1: no JSON/);
    const [reject = '', ...lines] = stdout.trimEnd().split('\n').reverse();
    expect(JSON.parse(reject)).toMatchObject({ record: '{"a":', place: `${topic}/0, offset 1` });
    expect(envelopesOf(lines.reverse().join('\n')).flatMap(({ records }) => records)).toEqual([
      { a: 1 },
      { a: 2 },
    ]);
  });

  test.for(['gzip', 'snappy', 'lz4', 'zstd'])('that Java has packed with %s', async (codec) => {
    const topic = await makeTopic(broker());
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} of many that are alike`);
    broker().tool(
      'org.apache.kafka.tools.ConsoleProducer',
      ['--bootstrap-server', broker().bootstrap, '--topic', topic, '--compression-codec', codec],
      lines.join('\n'),
    );
    expect(await recordsOf(topic)).toEqual(lines);
  });

  test('but nothing of transactions that were given up or are open (fault 28)', async () => {
    const topic = await makeTopic(broker());
    const producer = await producerOf(broker(), `transaction-${topic}`);
    for (const [value, ends] of [
      ['given up 1', 'abort'],
      ['committed 1', 'commit'],
      ['given up 2', 'abort'],
      ['committed 2', 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }, { value: `${value} too` }] });
      await transaction[ends]();
    }
    await produce(broker(), topic, ['plain']);
    const whole = ['committed 1', 'committed 1 too', 'committed 2', 'committed 2 too', 'plain'];
    expect(await recordsOf(topic)).toEqual(whole);

    const open = await producer.transaction();
    await open.send({ topic, messages: [{ value: 'open' }] });
    await produce(broker(), topic, ['behind']);
    expect(await recordsOf(topic)).toEqual(whole);
    await open.commit();
    expect(await recordsOf(topic)).toEqual([...whole, 'open', 'behind']);
  });

  test('that has nothing but a transaction that was given up', async () => {
    const topic = await makeTopic(broker());
    const transaction = await (await producerOf(broker(), `transaction-${topic}`)).transaction();
    await transaction.send({ topic, messages: [{ value: 'given up' }] });
    await transaction.abort();
    expect(await recordsOf(topic)).toEqual([]);
  });

  test('from where it is told to', async () => {
    const topic = await makeTopic(broker(), 2);
    const time = Date.parse('2026-03-01T10:00:00Z');
    for (const partition of [0, 1])
      await produce(
        broker(),
        topic,
        [0, 1, 2, 3].map((n) => ({
          partition,
          value: `${partition}-${n}`,
          timestamp: String(time + n * 1000),
        })),
      );
    const sorted = async (where: string): Promise<unknown[]> =>
      (await recordsOf(topic, `--start '${where}'`)).map(String).sort();
    expect(await sorted('earliest')).toHaveLength(8);
    expect(await sorted('latest')).toEqual([]);
    expect(await sorted('2026-03-01T10:00:02Z')).toEqual(['0-2', '0-3', '1-2', '1-3']);
    expect(await sorted(String(time + 2500))).toEqual(['0-3', '1-3']);
    expect(await sorted('2027-01-01T00:00:00Z')).toEqual([]);
    expect(await sorted(`{"${topic}":{"0":3,"1":-1}}`)).toEqual(['0-3']);
    expect(await sorted(`{"${topic}":{"1":2}}`)).toEqual(['0-0', '0-1', '0-2', '0-3', '1-2', '1-3']);
  });

  test('on and on: from its end at first, and with the partitions that it gets', async () => {
    const topic = await makeTopic(broker());
    await produce(broker(), topic, ['before']);
    const shell = start(
      `sluice ingest ${at(topic)} | sluice batch 100ms | sluice emit --format ndjson > rows`,
      { environment: looksOften },
    );
    await until('it reads', async () => {
      await produce(broker(), topic, ['ready']);
      return linesOf(shell, 'rows').length > 0 || undefined;
    });
    expect(linesOf(shell, 'rows')).not.toContain('"before"');
    await withAdmin(broker(), async (admin) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
      await until('all partitions are known', () =>
        admin.fetchTopicOffsets(topic).then(
          (partitions) => partitions.length === 3 || undefined,
          () => undefined,
        ),
      );
    });
    // One by one: where a part of a request is refused, kafkajs sends all of it again.
    for (const partition of [0, 1, 2])
      await until('it is taken', () =>
        produce(broker(), topic, [{ partition, value: `new ${partition}` }]).then(
          () => true,
          () => undefined,
        ),
      );
    const rows = await until('all are read', () => {
      const found = linesOf(shell, 'rows').filter((line) => line.startsWith('"new'));
      return found.length >= 3 ? found : undefined;
    });
    expect(rows.sort()).toEqual(['"new 0"', '"new 1"', '"new 2"']);
    shell.signal('SIGTERM');
    expect(await shell.done).toMatchObject({ exits: [0, 0, 0], stderr: '' });
  });

  test('of all that match a pattern, also those that come later', async () => {
    const prefix = `p${Date.now()}`;
    await makeTopic(broker(), 1, `${prefix}-a`);
    await makeTopic(broker(), 1, `not-${prefix}-a`);
    await produce(broker(), `not-${prefix}-a`, ['not meant']);
    const shell = start(
      `sluice ingest 'kafka://${broker().bootstrap}//${prefix}-[a-z]/' --start earliest | sluice batch 100ms | sluice emit --format ndjson > rows`,
      { environment: looksOften },
    );
    await produce(broker(), `${prefix}-a`, ['a']);
    await hasLines(shell, 1);
    await makeTopic(broker(), 2, `${prefix}-b`);
    await produce(broker(), `${prefix}-b`, numbered(2, 0, 1));
    await hasLines(shell, 3);
    await sleep(500);
    expect(linesOf(shell, 'rows').sort()).toEqual(['"0-0"', '"1-0"', '"a"']);
    shell.signal('SIGINT');
    expect(await shell.done).toMatchObject({ exits: [0, 0, 0], stderr: '' });
  });

  test('that a pattern finds only later, of which it tells', async () => {
    const topic = `later-${Date.now()}`;
    const shell = start(
      `sluice ingest 'kafka://${broker().bootstrap}//${topic}/' 2> said | sluice batch 100ms | sluice emit --format ndjson > rows`,
      { environment: looksOften },
    );
    await until('it tells', () => linesOf(shell, 'said').length > 0 || undefined);
    // Two looks more, of which it does not tell.
    await sleep(700);
    expect(stagesOf(shell)).toHaveLength(3);
    await makeTopic(broker(), 1, topic);
    await produce(broker(), topic, ['first']);
    await hasLines(shell, 1);
    const said = linesOf(shell, 'said');
    expect(said).toEqual([expect.stringContaining('no topic matches yet')]);
    shell.signal('SIGTERM');
    expect(await shell.done).toMatchObject({ exits: [0, 0, 0], stderr: '' });
  });

  test('several topics at once', async () => {
    const topics = [await makeTopic(broker()), await makeTopic(broker())];
    for (const topic of topics) await produce(broker(), topic, [topic]);
    expect((await recordsOf(topics.join(','))).map(String).sort()).toEqual(topics.sort());
  });

  test.for([
    ['--max-rate-per-partition 200', 400],
    ['--max-rate 300/s', 300],
    ['--max-rate 300/s --max-rate-per-partition 1000', 300],
  ] as const)('at most so many a second: %s', async ([options, most]) => {
    const topic = await makeTopic(broker(), 2);
    await produce(broker(), topic, numbered(2, 0, 2000));
    const shell = start(
      `sluice ingest ${at(topic)} --start earliest ${options} | sluice batch 1s | sluice reduce count | sluice emit --format ndjson > rows`,
    );
    const rows = await hasLines(shell, 4);
    shell.signal('SIGTERM');
    await shell.done;
    const counts = rows.map((line) => (JSON.parse(line) as { count: number }).count);
    // Of all 4000; which second counts one that comes at its end, and how soon there is a first, is up to the machine.
    const sum = counts.slice(0, 4).reduce((one, other) => one + other);
    expect(sum).toBeLessThanOrEqual(most * 5);
    expect(sum).toBeGreaterThan(most);
  });

  test.for(['SIGTERM', 'SIGINT'] as const)('up to %s, then what was read drains', async (signal) => {
    const topic = await makeTopic(broker());
    const shell = start(
      `sluice ingest ${at(topic)} --start earliest | tee -i seen | sluice batch 10m | sluice reduce count | sluice emit --format ndjson`,
    );
    await produce(broker(), topic, ['one', 'two', 'three']);
    await until('it reads', () => linesOf(shell, 'seen').join('').includes('three') || undefined);
    await stagesReady(shell, 4, 'ingest');
    if (signal === 'SIGTERM') process.kill(stagesOf(shell)[0]?.pid ?? 0, signal);
    else shell.signal(signal);
    expect(await shell.done).toMatchObject({ exits: [0, 0, 0, 0, 0], stderr: '', stdout: '{"count":3}\n' });
  });

  test('that is large for a reader that sleeps, in little memory', async () => {
    const topic = await makeTopic(broker(), 4);
    broker().tool(
      'org.apache.kafka.tools.ProducerPerformance',
      `--topic ${topic} --num-records 300000 --record-size 1000 --throughput -1 --producer-props bootstrap.servers=${broker().bootstrap} batch.size=200000 linger.ms=20`.split(
        ' ',
      ),
    );
    const shell = start(`sluice ingest ${at(topic)} --until latest | (sleep 3; wc -l)`);
    const [stage] = await stagesReady(shell, 1);
    if (!stage) throw new Error('no stage');
    await sleep(2000);
    expect(peakMemory(stage) / 2 ** 20).toBeLessThan(250);
    let peak = 0;
    await until('it is read', () => {
      peak = Math.max(peak, peakMemory(stage));
      return shell.process.exitCode ?? undefined;
    });
    expect(peak / 2 ** 20).toBeLessThan(250);
    expect(await shell.done).toMatchObject({ exits: [0, 0], stderr: '' });
  });
});
