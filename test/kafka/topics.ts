// Topics of tests: made, filled and read by clients that are not ours.
import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin, type Kafka, type Message, type Producer } from 'kafkajs';
import { onTestFinished } from 'vitest';
import { until } from '../helpers/processes.ts';
import type { Broker } from './with-broker.ts';

export type Read = {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
};

function clientOf({ bootstrap }: Pick<Broker, 'bootstrap'>): Kafka {
  return new kafkajs.Kafka({ brokers: bootstrap.split(','), logLevel: kafkajs.logLevel.NOTHING });
}

export async function withAdmin<Result>(
  broker: Broker,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = clientOf(broker).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A topic of a name of its own. */
export async function makeTopic(
  broker: Broker,
  partitions = 1,
  topic = `t-${randomUUID().slice(0, 8)}`,
): Promise<string> {
  await withAdmin(broker, async (admin) => {
    // A broker that has just come back may not take it yet; one that is there already is fine.
    await until('the topic is made', () =>
      admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions }] }).then(
        () => true,
        () => undefined,
      ),
    );
  });
  // A broker that leads a partition may not know it yet.
  await endsOf(broker, topic);
  return topic;
}

/** Where each partition of a topic ends, once each of them has a leader: where one is lost, the next has to be elected. */
function endsOf(broker: Broker, topic: string): Promise<{ partition: number; high: string }[]> {
  return until('each partition has a leader', () =>
    withAdmin(broker, (admin) => admin.fetchTopicOffsets(topic)).catch(() => undefined),
  );
}

/** Connected until the test is over. */
export async function producerOf(broker: Broker, transactionalId?: string): Promise<Producer> {
  const producer = clientOf(broker).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    ...(transactionalId !== undefined && { transactionalId, maxInFlightRequests: 1, idempotent: true }),
  });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

export async function produce(
  broker: Broker,
  topic: string,
  messages: readonly (string | Message)[],
): Promise<void> {
  const producer = await producerOf(broker);
  await producer.send({ topic, messages: messages.map(asMessage) });
}

function asMessage(message: string | Message): Message {
  return typeof message === 'string' ? { value: message } : message;
}

/** Texts `PARTITION-NUMBER`, the numbers of each partition from `from` on. */
export function numbered(partitions: number, from: number, count: number): Message[] {
  return Array.from({ length: partitions }, (_, partition) =>
    Array.from({ length: count }, (_number, index) => ({ partition, value: `${partition}-${from + index}` })),
  ).flat();
}

/** What is behind it was added later. */
const endHeader = 'end-of-test';

/**
 * All that readers of committed records see, in order in each partition: up to a mark that is added for that,
 * which is no record for pipelines that read the topic too.
 */
export async function readTopic(broker: Broker, topic: string): Promise<Read[]> {
  const mark = randomUUID();
  const partitions = await endsOf(broker, topic);
  const producer = await producerOf(broker);
  await producer.send({
    topic,
    messages: partitions.map(({ partition }) => ({ partition, value: null, headers: { [endHeader]: mark } })),
  });
  const consumer = clientOf(broker).consumer({ groupId: `reader-${mark}`, maxWaitTimeInMs: 100 });
  const records: Read[] = [];
  const ended = new Set<number>();
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message: { key, value, headers, offset } }) => {
        const end = headers?.[endHeader]?.toString();
        if (end === mark) ended.add(partition);
        if (end === undefined) {
          const [keyText, valueText] = [key, value].map((bytes) => bytes?.toString() ?? null) as [
            string | null,
            string | null,
          ];
          records.push({ partition, offset: Number(offset), key: keyText, value: valueText });
        }
        return Promise.resolve();
      },
    });
    await until(`${topic} is read to its end`, () => ended.size === partitions.length || undefined);
  } finally {
    await consumer.disconnect();
  }
  return records;
}

/** The first `most` values as Kafka's own consumer sees them. It waits a minute for the next one, and three seconds where there should be none. */
export function consoleConsumer(
  broker: Broker,
  topic: string,
  most: number,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): string[] {
  const options = ['--bootstrap-server', broker.bootstrap, '--topic', topic, '--from-beginning'];
  options.push('--isolation-level', isolation, '--timeout-ms', most === 0 ? '3000' : '60000');
  if (most > 0) options.push('--max-messages', String(most));
  return broker.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', options).split('\n').slice(0, -1);
}
