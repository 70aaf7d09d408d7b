// The broker of the tests itself: what it keeps, and that nothing of it stays behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { until } from '../helpers/processes.ts';
import { makeTopic, produce, readTopic, withAdmin } from './topics.ts';
import { startBroker } from './broker.js';
import { describeWithKafka } from './with-broker.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describeWithKafka('brokers', { nodes: 3 }, (broker) => {
  test('elect another leader when the first is killed', async () => {
    const topic = await makeTopic(broker(), 1);
    const leader = async (): Promise<number | undefined> => {
      const { topics } = await withAdmin(broker(), (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
      return topics[0]?.partitions[0]?.leader;
    };
    await produce(broker(), topic, ['one']);
    const first = await leader();
    await broker()
      .nodes.find(({ id }) => id === first)
      ?.kill();
    const second = await until('another leads', async () => {
      const found = await leader().catch(() => undefined);
      return found === undefined || found === first || found < 0 ? undefined : found;
    });
    expect(second).not.toBe(first);
    await produce(broker(), topic, ['two']);
    expect((await readTopic(broker(), topic)).map(({ value }) => value)).toEqual(['one', 'two']);
  });

  test('one that is stopped leaves nothing, and one that is killed keeps its records', async () => {
    const alone = await startBroker();
    const topic = await makeTopic(alone);
    await produce(alone, topic, ['one', 'two']);
    await alone.nodes[0]?.restart();
    await produce(alone, topic, ['three']);
    expect((await readTopic(alone, topic)).map(({ value }) => value)).toEqual(['one', 'two', 'three']);
    const [pid = 0] = alone.nodes.map((node) => node.pid);
    expect(isAlive(pid)).toBe(true);
    await alone.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(alone.folder)).toBe(false);
  });

  test('one goes with whoever started it, however that ends', async () => {
    const script = `import { startBroker } from '${import.meta.dirname}/broker.js';
      const { folder, nodes } = await startBroker();
      console.log(JSON.stringify([folder, nodes[0].pid]));
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const [folder, pid] = JSON.parse(line.toString()) as [string, number];
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until('the broker is gone', () => (isAlive(pid) ? undefined : true));
    rmSync(folder, { recursive: true });
  });
});
