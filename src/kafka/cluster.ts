// A connection to a Kafka cluster: which topics and partitions there are, who leads them, and how to reach a broker. What is
// asked of one is in reading.ts, writing.ts and groups.ts.
import Cluster, { type Broker, type ProtocolRequest } from 'kafkajs/src/cluster/index.js';
import { createLogger } from 'kafkajs/src/loggers/index.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import createSocketFactory from 'kafkajs/src/network/socketFactory.js';
import type { KafkaAddress } from './address.ts';
import { byTopic, type Partition } from './partition.ts';
import { persist, type Persistence } from './persist.ts';
import { innermost } from './problems.ts';
import type { Security } from './security.ts';

quietTimers();

/** We speak to the user ourselves, and trying again is ours to decide. */
const clientOptions = {
  clientId: 'sluice',
  logger: createLogger({ level: 0, logCreator: () => () => undefined }),
  socketFactory: createSocketFactory(),
  connectionTimeout: 5000,
  authenticationTimeout: 10_000,
  requestTimeout: 30_000,
  enforceRequestTimeout: true,
  retry: { retries: 0, initialRetryTime: 50 },
};

const coordinatorTypes = { group: 0, transaction: 1 } as const;

export class KafkaCluster {
  readonly #cluster: Cluster;
  readonly #persistence: Persistence;

  private constructor(cluster: Cluster, persistence: Persistence) {
    this.#cluster = cluster;
    this.#persistence = persistence;
  }

  /**
   * `mayCreateTopics`: a topic that is not there is made, where the brokers are set to do so. Throws SluiceError('unavailable'
   * or 'noPermission') once `persistence` is over.
   */
  static async connect(
    { brokers }: KafkaAddress,
    security: Security,
    persistence: Persistence,
    mayCreateTopics = false,
  ): Promise<KafkaCluster> {
    const options = { ...clientOptions, allowAutoTopicCreation: mayCreateTopics };
    const cluster = new Cluster({ ...options, brokers, ...security });
    await persist(persistence, () => cluster.connect());
    return new KafkaCluster(cluster, persistence);
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect().catch(() => undefined);
  }

  /** Does `work` again as long as that may help, each time with what is known of the cluster by then. Throws SluiceError. */
  async persist<Result>(work: () => Promise<Result>): Promise<Result> {
    let isFirst = true;
    return persist(this.#persistence, async () => {
      if (!isFirst) await this.refresh();
      isFirst = false;
      return work();
    });
  }

  /** Reads anew who leads what. Throws KafkaError. */
  async refresh(): Promise<void> {
    if (!this.#cluster.isConnected()) await this.#cluster.connect();
    await this.#cluster.refreshMetadata();
  }

  /** What tells it from all other clusters. */
  get id(): string {
    return this.#cluster.brokerPool.metadata?.clusterId ?? '';
  }

  /** Every topic but Kafka's own. */
  topics(): Promise<string[]> {
    return this.persist(async () => {
      const broker = await this.anyBroker();
      const { topicMetadata } = await broker.metadata();
      return topicMetadata.filter(({ isInternal }) => !isInternal).map(({ topic }) => topic);
    });
  }

  /** The partitions of these topics, in order. Throws SluiceError('unavailable') where a topic is not there. */
  partitionsOf(topics: readonly string[]): Promise<Partition[]> {
    return this.persist(async () => {
      for (const topic of topics) this.#cluster.targetTopics.add(topic);
      await this.refresh();
      return topics.flatMap((topic) =>
        this.#cluster
          .findTopicPartitionMetadata(topic)
          .map(({ partitionId }) => ({ topic, partition: partitionId }))
          .sort((one, other) => one.partition - other.partition),
      );
    });
  }

  /** By the broker that leads them; those without a leader are left out. */
  byLeader<Wanted extends Partition>(partitions: readonly Wanted[]): Map<number, Wanted[]> {
    const leaders = new Map<number, Wanted[]>();
    for (const wanted of partitions) {
      const { leader = -1 } =
        this.#cluster
          .findTopicPartitionMetadata(wanted.topic)
          .find(({ partitionId }) => partitionId === wanted.partition) ?? {};
      if (leader >= 0) leaders.set(leader, [...(leaders.get(leader) ?? []), wanted]);
    }
    return leaders;
  }

  /** Throws KafkaError. */
  broker(nodeId: number): Promise<Broker> {
    return this.#cluster.findBroker({ nodeId });
  }

  anyBroker(): Promise<Broker> {
    return this.#cluster.findControllerBroker();
  }

  /** Who keeps what a group has read, or how a transaction stands. Throws KafkaError. */
  coordinator(kind: keyof typeof coordinatorTypes, id: string): Promise<Broker> {
    return this.#cluster.findGroupCoordinator({ groupId: id, coordinatorType: coordinatorTypes[kind] });
  }

  /** A request of our own making. Throws KafkaError. */
  async send<Result>(broker: Broker, request: ProtocolRequest): Promise<Result> {
    try {
      return (await broker.connectionPool.send(request)) as Result;
    } catch (error) {
      // kafkajs would keep a connection that was closed.
      const { host, port } = broker.connectionPool;
      if (innermost(error).name.startsWith('KafkaJSConnection')) this.#cluster.removeBroker({ host, port });
      throw error;
    }
  }
}

/** Asks the leaders of all partitions at once. Throws KafkaError where one of them is not known. */
export async function askLeaders<Wanted extends Partition, Asked, Answer>(
  cluster: KafkaCluster,
  partitions: readonly Wanted[],
  ask: (partition: Wanted) => Asked,
  send: (broker: Broker, topics: { topic: string; partitions: Asked[] }[]) => Promise<Answer>,
): Promise<Answer[]> {
  const leaders = [...cluster.byLeader(partitions)];
  return Promise.all(
    leaders.map(async ([nodeId, led]) => send(await cluster.broker(nodeId), byTopic(led, ask))),
  );
}

/** kafkajs waits a negative time after each answer, which newer versions of Node warn of on standard error. */
function quietTimers(): void {
  const { prototype } = RequestQueue;
  const { value: schedule } = Object.getOwnPropertyDescriptor(prototype, 'scheduleCheckPendingRequests') as {
    value: (this: RequestQueue) => void;
  };
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(): void {
    // There is something to wait for, then.
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
