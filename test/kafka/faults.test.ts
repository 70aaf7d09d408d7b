// Brokers that are killed while a pipeline reads and writes: what came in goes out, each record once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { signalStages, stagesOf, until } from '../helpers/processes.ts';
import { startShell, type RunningShell as Shell } from '../helpers/shell.ts';
import { makeTopic, produce, producerOf, readTopic, withAdmin } from './topics.ts';
import { describeWithKafka, type Broker } from './with-broker.ts';

/** Sends one id after the other until it is stopped; those that were acknowledged are told. */
async function keepProducing(broker: Broker, topic: string): Promise<() => Promise<string[]>> {
  const producer = await producerOf(broker);
  const acknowledged: string[] = [];
  const stopped = new AbortController();
  const done = (async () => {
    for (let id = 0; !stopped.signal.aborted; id += 10) {
      const ids = Array.from({ length: 10 }, (_, index) => String(id + index));
      // Of one partition: where brokers are lost, kafkajs takes a part of a request for all of it.
      const partition = (id / 10) % 3;
      await producer.send({ topic, messages: ids.map((value) => ({ partition, value })) }).then(
        () => acknowledged.push(...ids),
        () => undefined,
      );
      await sleep(5);
    }
  })();
  const stop = async (): Promise<string[]> => {
    stopped.abort();
    await done;
    return acknowledged;
  };
  onTestFinished(async () => {
    await stop();
  });
  return stop;
}

const sorted = (values: readonly (string | null)[]): (string | null)[] =>
  values.toSorted((one, other) => Number(one) - Number(other));

/** `disturb` is done while records come in and go out. */
async function standsThrough(
  broker: Broker,
  disturb: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const [from, to] = [await makeTopic(broker, 3), await makeTopic(broker, 2)];
  const at = (topic: string): string => `kafka://${broker.bootstrap}/${topic}`;
  const stop = await keepProducing(broker, from);
  const shell = startShell(
    `sluice ingest ${at(from)} --start earliest --state st | sluice batch 200ms | sluice emit ${at(to)} --transactional`,
  );
  onTestFinished(() => shell.signal('SIGKILL'));
  const end = async (topic: string): Promise<number> => {
    const offsets = await withAdmin(broker, (admin) => admin.fetchTopicOffsets(topic)).catch(() => []);
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  };
  // The first transaction of a cluster takes its time.
  await until('rows come out', async () => (await end(to)) > 100 || undefined);
  await disturb(from, to);
  const before = await end(to);
  await until('rows come out again', async () => (await end(to)) > before + 500 || undefined);
  const acknowledged = await stop();
  const records = sorted((await readTopic(broker, from)).map(({ value }) => value));
  const there = new Set(records);
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
  await until('all of it is out, or more', async () => {
    const found = await readTopic(broker, to);
    return found.length >= records.length || undefined;
  }).catch(() => undefined);
  signalStages(stagesOf(shell).slice(0, 1), 'SIGTERM');
  const { stderr, exits } = await shell.done;
  expect(sorted((await readTopic(broker, to)).map(({ value }) => value))).toEqual(records);
  expect(exits).toEqual([0, 0, 0]);
  expect(stderr).not.toMatch(/KafkaJS|node:|Warning/);
}

describeWithKafka('one broker', {}, (broker) => {
  test('that answers late: no batch is made before the job has begun', async () => {
    const [from, to] = [await makeTopic(broker()), await makeTopic(broker())];
    await produce(broker(), from, ['one', 'two']);
    const pid = broker().nodes[0]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    const at = (topic: string): string => `kafka://${broker().bootstrap}/${topic}`;
    const shell = startShell(
      `sluice ingest ${at(from)} --until latest --state st | sluice batch 100ms | sluice emit ${at(to)} --transactional`,
    );
    await sleep(1500);
    process.kill(pid, 'SIGCONT');
    expect(await shell.done).toMatchObject({ exits: [0, 0, 0], stderr: '' });
    expect((await readTopic(broker(), to)).map(({ value }) => value)).toEqual(['one', 'two']);
  });

  test('that is killed in the middle of reading and writing, and comes again: each record once', async () => {
    await standsThrough(broker(), async () => {
      const [node] = broker().nodes;
      await node?.kill();
      await sleep(2000);
      await node?.start();
    });
  });

  test('that stays away: whoever reads or writes ends with 69 once its patience is over', async () => {
    const topic = await makeTopic(broker());
    const address = `kafka://${broker().bootstrap}/${topic}`;
    const lines = [
      `sluice ingest ${address} --start earliest --patience 3s | tee -i seen > /dev/null`,
      `yes | sluice ingest | sluice batch --records 1 | (sleep 1; sluice emit ${address} --patience 3s)`,
      `sluice ingest ${address} --start earliest | tee -i seen > /dev/null`,
    ];
    const [reads, writes, stopped] = lines.map((line) => startShell(line)) as [Shell, Shell, Shell];
    const end = async (): Promise<number> => {
      const [offsets] = await withAdmin(broker(), (admin) => admin.fetchTopicOffsets(topic));
      return Number(offsets?.high);
    };
    await until('rows are written and read', async () => {
      const seen = [reads, stopped].every(({ folder }) => readFileSync(join(folder, 'seen')).length > 1000);
      return (seen && (await end()) > 100) || undefined;
    });
    await broker().nodes[0]?.kill();
    await sleep(500);
    signalStages(stagesOf(stopped), 'SIGTERM');
    expect(await stopped.done).toMatchObject({ exits: [0, 0], stderr: '' });
    const [readsEnd, writesEnd] = await Promise.all([reads.done, writes.done]);
    expect(readsEnd.exits[0]).toBe(69);
    expect(writesEnd.exits.at(-1)).toBe(69);
    for (const { stderr } of [readsEnd, writesEnd])
      expect(stderr).toMatch(
        /^sluice (ingest|emit): kafka:[^\n]* cannot be reached[^\n]*\n {2}hint: [^\n]*\n$/,
      );
  });
});

describeWithKafka('three brokers, of which one is killed', { nodes: 3 }, (broker) => {
  test('the leader of what is written: each record once (fault 26)', async () => {
    await standsThrough(broker(), async (_from, to) => {
      const { topics } = await withAdmin(broker(), (admin) => admin.fetchTopicMetadata({ topics: [to] }));
      const leader = topics[0]?.partitions[0]?.leader;
      await broker()
        .nodes.find(({ id }) => id === leader)
        ?.kill();
    });
  });
});
