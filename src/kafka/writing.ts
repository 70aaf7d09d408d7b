// What producers ask of brokers, and the steps of a transaction.
import type { Broker } from 'kafkajs/src/cluster/index.js';
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js';
import { requests } from 'kafkajs/src/protocol/requests/index.js';
import { answerError, isDone } from './answer-errors.ts';
import type { KafkaCluster } from './cluster.ts';
import type { GroupPosition } from './groups.ts';
import { byTopic } from './partition.ts';
import { produceRequest, type Answer } from './produce-request.ts';

/** A record batch, for a partition. */
export type Produced = { readonly partition: number; readonly bytes: Buffer };

/** So long a transaction may be open: the most that brokers allow, where nobody has changed that. Milliseconds. */
const transactionTimeout = 900_000;

/** Until all replicas that keep up have all of it. What is tried again is there once. Throws SluiceError. */
export async function produce(
  cluster: KafkaCluster,
  topic: string,
  batches: readonly Produced[],
  transactionalId: string | undefined,
): Promise<void> {
  let left = batches;
  await cluster.persist(async () => {
    const answers = await Promise.allSettled(
      [...cluster.byLeader(left.map((batch) => ({ topic, ...batch })))].map(async ([nodeId, led]) => {
        const broker = await cluster.broker(nodeId);
        const known = broker.lookupRequest(apiKeys.Produce, requests.Produce)({ topicData: [] });
        return cluster.send<Answer[]>(broker, produceRequest(known, topic, led, transactionalId));
      }),
    );
    const answered = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const done = new Set(answered.filter(isDone).map(({ partition }) => partition));
    left = left.filter(({ partition }) => !done.has(partition));
    if (left.length === 0) return;
    const refused = answered.find((answer) => !isDone(answer));
    if (refused) throw answerError(refused.errorCode);
    const failed = answers.find((answer) => answer.status === 'rejected');
    throw failed ? failed.reason : answerError();
  });
}

/** Who a producer is to its brokers. With a transactional id, whoever had it before is shut out. Throws SluiceError. */
export function initProducer(
  cluster: KafkaCluster,
  transactionalId: string | undefined,
): Promise<{ producerId: string; producerEpoch: number }> {
  return cluster.persist(async () => {
    const broker =
      transactionalId === undefined
        ? await cluster.anyBroker()
        : await cluster.coordinator('transaction', transactionalId);
    return broker.initProducerId({ transactionalId, transactionTimeout });
  });
}

export type Transaction = {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly producerEpoch: number;
};

/** A step of a transaction, which may be taken twice. Throws SluiceError. */
export function inTransaction(
  cluster: KafkaCluster,
  transaction: Transaction,
  work: (broker: Broker, transaction: Transaction) => Promise<unknown>,
): Promise<void> {
  return cluster.persist(async () => {
    await work(await cluster.coordinator('transaction', transaction.transactionalId), transaction);
  });
}

/** How far a group has read. */
export type GroupOffsets = { readonly group: string; readonly offsets: readonly GroupPosition[] };

/** As a part of a transaction: it counts when that does. Throws SluiceError. */
export async function commitOffsets(
  cluster: KafkaCluster,
  transaction: Transaction,
  { group: groupId, offsets }: GroupOffsets,
): Promise<void> {
  await inTransaction(cluster, transaction, (broker) => broker.addOffsetsToTxn({ ...transaction, groupId }));
  await cluster.persist(async () => {
    const broker = await cluster.coordinator('group', groupId);
    const topics = byTopic(offsets, ({ partition, offset, metadata }) => ({
      partition,
      offset: String(offset),
      metadata,
    }));
    await broker.txnOffsetCommit({ ...transaction, groupId, topics });
  });
}
