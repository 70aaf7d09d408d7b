// `sluice doctor` and a real broker.
import { expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';
import { makeTopic } from './topics.ts';
import { describeWithKafka } from './with-broker.ts';

describeWithKafka('sluice doctor', {}, (broker) => {
  const at = (topic: string): string => `kafka://${broker().bootstrap}/${topic}`;

  test('finds a topic, a pattern of topics, and what is not there', async () => {
    const topic = await makeTopic(broker(), 4);
    const { stdout, exits } = await runShell(
      `sluice doctor '${at(topic)}' '${at(`/${topic.slice(0, -1)}./`)}' '${at('no-such-topic')}'`,
    );
    expect(stdout).toContain(`ok   kafka     ${broker().bootstrap}: ${topic}, 4 partitions\n`);
    expect(stdout.match(/^ok +kafka +\S+: .*, \d+ partitions$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^BAD +kafka +.*no-such-topic/m);
    expect(exits).toEqual([69]);
  });
});
