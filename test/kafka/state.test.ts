// Jobs that keep state and read topics: where the next run goes on, and what is said where it cannot.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runShell, type ShellResult } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { makeTopic, numbered, produce, withAdmin } from './topics.ts';
import { describeWithKafka } from './with-broker.ts';

describeWithKafka('a job that reads a topic', {}, (broker) => {
  const at = (topic: string): string => `kafka://${broker().bootstrap}/${topic}`;
  const stagesOf = (topic: string): string[] => [
    `sluice ingest ${at(topic)} --until latest --state st`,
    'sluice batch --records 100',
    "sluice reduce count --by 'first=$1' --running",
    'sluice emit out.csv',
  ];
  const run = (folder: string, line: string): Promise<ShellResult> => runShell(`cd ${folder}; ${line}`);
  const read = (folder: string): string => readFileSync(join(folder, 'out.csv'), 'utf8');

  const clearAway = (topic: string, upTo: number): Promise<void> =>
    withAdmin(broker(), async (admin) => {
      // kafkajs has to know of the topic first.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(upTo) }] });
    });

  async function runsWell(folder: string, line: string): Promise<void> {
    const { stderr, exits } = await run(folder, line);
    expect({ stderr, failed: exits.filter((exit) => exit !== 0) }).toEqual({ stderr: '', failed: [] });
  }

  test.for([
    [
      'in a pipe',
      (topic: string) =>
        `sluice ingest ${topic} --until latest --state st | sluice batch --once | sluice reduce count | sluice emit out.csv`,
    ],
    [
      'in one process',
      (topic: string) =>
        `sluice run 'ingest ${topic} --until latest --state st | batch --once | reduce count | emit out.csv'`,
    ],
  ] as const)('goes on where it was, also in partitions that are new: %s', async ([, line]) => {
    const folder = temporaryFolder();
    const topic = await makeTopic(broker(), 2);
    await produce(broker(), topic, numbered(2, 0, 5));
    await runsWell(folder, line(at(topic)));
    expect(read(folder)).toBe('count\n10\n');
    await produce(broker(), topic, numbered(2, 5, 1));
    await runsWell(folder, line(at(topic)));
    expect(read(folder)).toBe('count\n10\n2\n');
    await withAdmin(broker(), (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
    await sleep(500);
    await produce(broker(), topic, [
      { partition: 2, value: 'new' },
      { partition: 2, value: 'new' },
    ]);
    await runsWell(folder, line(at(topic)));
    expect(read(folder)).toBe('count\n10\n2\n2\n');
  });

  test('begins where the first run began, though nothing was there then', async () => {
    const folder = temporaryFolder();
    const topic = await makeTopic(broker());
    await produce(broker(), topic, ['before']);
    const line = `sluice ingest ${at(topic)} --until latest --start latest --state st | sluice batch --once | sluice emit out.csv --format ndjson`;
    await runsWell(folder, line);
    await produce(broker(), topic, ['one']);
    await runsWell(folder, line);
    expect(read(folder)).toBe('"one"\n');
  });

  // Which records come together in a batch is a matter of time, with several partitions.
  test.for<[number, string]>([
    [0, 'written'],
    [1, 'half-logged#3'],
    [1, 'half-logged#7'],
    [2, 'written'],
    [2, 'renamed'],
    [3, 'half-written#2'],
    [3, 'written#2'],
    [3, 'renamed#2'],
  ])('stage %i killed at %s: run again, it is as if nothing had been', async ([index, point]) => {
    const topic = await makeTopic(broker());
    for (const from of [0, 500])
      await produce(
        broker(),
        topic,
        Array.from({ length: 500 }, (_, n) => `${(from + n) % 7} ${from + n}`),
      );
    const [undisturbed, folder] = [temporaryFolder(), temporaryFolder()];
    const stages = stagesOf(topic);
    await runsWell(undisturbed, stages.join(' | '));
    const dies = stages.map((stage, place) => (place === index ? `SLUICE_FAULT=${point} ${stage}` : stage));
    const { exits } = await run(folder, dies.join(' | '));
    expect(exits[index]).toBe(137);
    await runsWell(folder, stages.join(' | '));
    expect(read(folder)).toBe(read(undisturbed));
  });

  test('says so where records were cleared away before it read them', async () => {
    const folder = temporaryFolder();
    const topic = await makeTopic(broker());
    const line = stagesOf(topic).join(' | ');
    await produce(broker(), topic, numbered(1, 0, 10));
    await runsWell(folder, line);
    await produce(broker(), topic, numbered(1, 10, 10));
    await clearAway(topic, 15);
    for (let time = 0; time < 2; time += 1) {
      const { stderr, exits } = await run(folder, line);
      expect(exits[0]).toBe(74);
      expect(stderr.split('\n')[0]).toBe(
        `sluice ingest: records of ${topic}/0 at ${at(topic)} from offset 10 on are not there any more`,
      );
    }
  });

  test('and goes on where only what it had read was cleared away', async () => {
    const folder = temporaryFolder();
    const topic = await makeTopic(broker());
    const line = `sluice ingest ${at(topic)} --until latest --state st | sluice batch --once | sluice reduce count --by 'p=$1' | sluice emit out.csv`;
    await produce(broker(), topic, ['a', 'b']);
    await runsWell(folder, line);
    await clearAway(topic, 2);
    await runsWell(folder, line);
    await produce(broker(), topic, ['c', 'c']);
    await runsWell(folder, line);
    expect(read(folder)).toBe('p,count\na,1\nb,1\nc,2\n');
  });

  test('says so where the topic was made anew', async () => {
    const folder = temporaryFolder();
    const topic = await makeTopic(broker());
    const line = stagesOf(topic).join(' | ');
    await produce(broker(), topic, numbered(1, 0, 10));
    await runsWell(folder, line);
    await withAdmin(broker(), (admin) => admin.deleteTopics({ topics: [topic] }));
    await sleep(500);
    await makeTopic(broker(), 1, topic);
    await produce(broker(), topic, ['0-0']);
    const { stderr, exits } = await run(folder, line);
    expect(exits[0]).toBe(74);
    expect(stderr).toContain(
      `sluice ingest: ${topic}/0 at ${at(topic)} ends at offset 1, and was read up to 10\n  hint: was the topic made anew?`,
    );
    const endless = await run(folder, line.replace('--until latest', ''));
    expect(endless.exits[0]).toBe(74);
    expect(endless.stderr).toContain(`${topic}/0 at ${at(topic)}`);
  });

  test('has a second run wait for the first', async () => {
    const topic = await makeTopic(broker());
    await produce(broker(), topic, ['one']);
    const { stdout } = await runShell(
      `sluice ingest ${at(topic)} --state st | sleep 3 & until [ -e st/run ]; do sleep 0.05; done; sluice ingest ${at(topic)} --state st 2>&1 >/dev/null; echo $?; kill %1; wait`,
    );
    expect(stdout).toContain('another run is using the state');
    expect(stdout).toContain('\n75\n');
  });
});
