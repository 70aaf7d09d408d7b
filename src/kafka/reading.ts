// Where partitions begin and end, and what is in them.
import type { ProtocolRequest } from 'kafkajs/src/cluster/index.js';
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js';
import { requests } from 'kafkajs/src/protocol/requests/index.js';
import { askLeaders, type KafkaCluster } from './cluster.ts';
import { answerError } from './answer-errors.ts';
import { decodeFetched, type FetchedPartition } from './fetched.ts';
import { byTopic, keyOf, type Partition } from './partition.ts';

/** An offset in a partition: its first record, the one behind its last, or the first of a time, in epoch milliseconds. */
export type Moment = 'earliest' | 'latest' | number;

const momentCodes = { earliest: -2, latest: -1 } as const;
/** Records of open transactions and of those that were given up are not there. */
const readCommitted = 1;
/** Beyond this a partition waits for the next request, so that none waits long for the others. Bytes. */
const mostOfPartition = 1024 * 1024;
const mostAtOnce = 16 * 1024 * 1024;
/** How long a broker may wait for something new before it answers, in milliseconds. */
const longestWait = 500;

/** In the order of `partitions`. A time behind the last record is the end. Throws SluiceError. */
export function offsetsAt(
  cluster: KafkaCluster,
  partitions: readonly Partition[],
  moment: Moment,
): Promise<number[]> {
  const timestamp = typeof moment === 'number' ? moment : momentCodes[moment];
  return cluster.persist(async () => {
    const answers = await askLeaders(
      cluster,
      partitions,
      ({ partition }) => ({ partition, timestamp }),
      (broker, topics) => broker.listOffsets({ isolationLevel: readCommitted, topics }),
    );
    const found = new Map<string, number>();
    for (const { topic, partitions: offsets } of answers.flatMap(({ responses }) => responses))
      for (const { partition, offset } of offsets) found.set(keyOf({ topic, partition }), Number(offset));
    const offsets = partitions.map((partition) => found.get(keyOf(partition)));
    if (offsets.includes(undefined)) throw answerError();
    if (typeof moment !== 'number' || !offsets.includes(-1)) return offsets as number[];
    const ends = await offsetsAt(cluster, partitions, 'latest');
    return offsets.map((offset, index) => (offset === -1 ? ends[index] : offset) as number);
  });
}

/** What a broker has of these partitions from their offsets on. With `mayWait` it waits for something, half a second. Throws KafkaError. */
export async function fetchFrom(
  cluster: KafkaCluster,
  nodeId: number,
  wanted: readonly (Partition & { readonly offset: number })[],
  mayWait: boolean,
): Promise<FetchedPartition[]> {
  const broker = await cluster.broker(nodeId);
  const topics = byTopic(wanted, ({ partition, offset }) => ({
    partition,
    fetchOffset: String(offset),
    maxBytes: mostOfPartition,
  }));
  const { request, requestTimeout } = broker.lookupRequest(
    apiKeys.Fetch,
    requests.Fetch,
  )({
    isolationLevel: readCommitted,
    maxWaitTime: mayWait ? longestWait : 0,
    minBytes: 1,
    maxBytes: mostAtOnce,
    topics,
    rackId: '',
  });
  // The bytes as they come: kafkajs would make an object of each record.
  const response: ProtocolRequest['response'] = {
    decode: (bytes) => Promise.resolve(decodeFetched(bytes, request.apiVersion)),
    parse: (data) => Promise.resolve(data),
  };
  return cluster.send(broker, { request, response, ...(requestTimeout && { requestTimeout }) });
}
