// Machines that share a topic: each record counts once, whoever comes and goes.
import { DatabaseSync } from '@photostructure/sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { until } from '../helpers/processes.ts';
import { startShell, type RunningShell } from '../helpers/shell.ts';
import { makeTopic, producerOf, readTopic, withAdmin } from './topics.ts';
import { describeWithKafka, type Broker } from './with-broker.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-group-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `machine` has a state folder of its own. */
function member(broker: Broker, from: string, machine: string, sink: string): RunningShell {
  const source = `sluice ingest kafka://${broker.bootstrap}/${from} --format json --group ${from}`;
  return startShell(`${source} | sluice batch 300ms | sluice emit ${sink}`, {
    environment: { SLUICE_STATE: join(folder, `${from}-${machine}`) },
  });
}

/** Records with ids from `first` on, some at a time, over so many milliseconds. */
async function feed(
  broker: Broker,
  topic: string,
  first: number,
  count: number,
  milliseconds: number,
): Promise<void> {
  const producer = await producerOf(broker);
  const step = 40;
  for (let id = first; id < first + count; id += step) {
    await producer.send({
      topic,
      messages: Array.from({ length: step }, (_, index) => ({
        partition: (id + index) % 6,
        value: JSON.stringify({ id: id + index }),
      })),
    });
    await sleep((milliseconds * step) / count);
  }
}

/** Ids that are not there once. */
function astray(ids: readonly number[], count: number): number[] {
  const times = new Map<number, number>();
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
  return Array.from({ length: count }, (_, id) => id).filter((id) => times.get(id) !== 1);
}

async function idsIn(broker: Broker, topic: string): Promise<number[]> {
  const records = await readTopic(broker, topic);
  return records.map(({ value }) => (JSON.parse(value ?? '') as { id: number }).id);
}

/** The offset up to which the group has read, of all partitions together. */
async function committed(broker: Broker, group: string): Promise<number> {
  const topics = await withAdmin(broker, (admin) => admin.fetchOffsets({ groupId: group, topics: [group] }));
  return topics
    .flatMap(({ partitions }) => partitions)
    .reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

async function untilCommitted(broker: Broker, group: string, count: number): Promise<void> {
  await until(
    `${group} has committed ${count}`,
    async () => (await committed(broker, group)) >= count || undefined,
  );
}

/** One machine stays, another comes and goes, while records come. */
async function comeAndGo(
  broker: Broker,
  from: string,
  sinkOf: (machine: string) => string,
  count: number,
): Promise<void> {
  const fed = feed(broker, from, 0, count, 12_000);
  const steady = member(broker, from, 'steady', sinkOf('steady'));
  for (let time = 0; time < 3; time += 1) {
    await sleep(700);
    const restless = member(broker, from, 'restless', sinkOf('restless'));
    // Time enough to get partitions: the other one has to hear of it, and to finish what it read.
    await sleep(3500);
    restless.signal('SIGTERM');
    const { exits, stderr } = await restless.done;
    expect({ exits, stderr }).toEqual({ exits: [0, 0, 0], stderr: '' });
  }
  await fed;
  await untilCommitted(broker, from, count);
  steady.signal('SIGTERM');
  const { exits, stderr } = await steady.done;
  expect({ exits, stderr }).toEqual({ exits: [0, 0, 0], stderr: '' });
}

describeWithKafka('a group', {}, (broker) => {
  test('whose members come and go, from topic to topic: each record is there once (fault 27)', async () => {
    const [from, to] = [await makeTopic(broker(), 6), await makeTopic(broker(), 2)];
    await comeAndGo(broker(), from, () => `kafka://${broker().bootstrap}/${to} --transactional`, 4000);
    expect(astray(await idsIn(broker(), to), 4000)).toEqual([]);
  });

  test('whose members come and go, into a database each: each record is in one of them once', async () => {
    const from = await makeTopic(broker(), 6);
    const path = (machine: string): string => join(folder, `${from}-${machine}.db`);
    await comeAndGo(broker(), from, (machine) => `sqlite:${path(machine)} --table rows`, 4000);
    const ids = ['steady', 'restless'].flatMap((machine) => {
      const rows = new DatabaseSync(path(machine)).prepare('SELECT id FROM rows').all();
      return (rows as { id: number }[]).map(({ id }) => id);
    });
    expect(astray(ids, 4000)).toEqual([]);
  });

  test('of one that is killed and comes back goes on at once, and what it had begun is there once', async () => {
    const [from, to] = [await makeTopic(broker(), 6), await makeTopic(broker(), 2)];
    const sink = `kafka://${broker().bootstrap}/${to} --transactional`;
    const fed = feed(broker(), from, 0, 3000, 5000);
    for (let time = 0; time < 3; time += 1) {
      const killed = member(broker(), from, 'one', sink);
      await sleep(1500);
      killed.signal('SIGKILL');
      await killed.done;
    }
    await fed;
    const last = member(broker(), from, 'one', sink);
    await untilCommitted(broker(), from, 3000);
    last.signal('SIGTERM');
    await last.done;
    expect(astray(await idsIn(broker(), to), 3000)).toEqual([]);
  });

  test('goes on where it was when one is killed and another machine takes its place', async () => {
    const [from, to] = [await makeTopic(broker(), 6), await makeTopic(broker(), 2)];
    const sink = `kafka://${broker().bootstrap}/${to} --transactional`;
    await feed(broker(), from, 0, 1000, 100);
    const killed = member(broker(), from, 'one', sink);
    await untilCommitted(broker(), from, 1);
    killed.signal('SIGKILL');
    await killed.done;
    await feed(broker(), from, 1000, 1000, 100);
    // Who was killed is missed after half a minute.
    const heir = member(broker(), from, 'two', sink);
    await untilCommitted(broker(), from, 2000);
    // And finds that what it had begun is others' by now.
    const back = member(broker(), from, 'one', sink);
    await feed(broker(), from, 2000, 1000, 3000);
    await untilCommitted(broker(), from, 3000);
    for (const one of [heir, back]) {
      one.signal('SIGTERM');
      expect((await one.done).exits).toEqual([0, 0, 0]);
    }
    expect(astray(await idsIn(broker(), to), 3000)).toEqual([]);
  });

  test('needs state', async () => {
    const topic = await makeTopic(broker(), 1);
    const line = `sluice ingest kafka://${broker().bootstrap}/${topic} --group g > out`;
    const { exits, stderr } = await startShell(line).done;
    expect(exits).toEqual([2]);
    expect(stderr).toMatch(/^sluice ingest: --group needs state/);
  });
});
