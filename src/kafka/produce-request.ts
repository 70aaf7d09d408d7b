// A request that takes record batches as they are; the version that the broker speaks, and how its answer is read, are
// kafkajs's. (Kafka protocol guide, Produce, versions 3 to 7.)
import type { ProtocolRequest } from 'kafkajs/src/cluster/index.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import type { Produced } from './writing.ts';

const allReplicas = -1;
/** How long the leader may wait for the others, in milliseconds. */
const timeout = 30_000;

export type Answer = { readonly partition: number; readonly errorCode: number };

export function produceRequest(
  { request, response }: ProtocolRequest,
  topic: string,
  batches: readonly Produced[],
  transactionalId: string | undefined,
): ProtocolRequest {
  const { apiKey, apiVersion, apiName } = request;
  const encode = (): Promise<Encoder> => {
    const partitions = batches.map(({ partition, bytes }) =>
      new Encoder().writeInt32(partition).writeBytes(bytes),
    );
    const encoder = new Encoder().writeString(transactionalId ?? null).writeInt16(allReplicas);
    const topics = [new Encoder().writeString(topic).writeArray(partitions)];
    return Promise.resolve(encoder.writeInt32(timeout).writeArray(topics));
  };
  return {
    request: { apiKey, apiVersion, apiName, encode },
    // An error of one partition must not hide what became of the others.
    response: {
      decode: (bytes) => response.decode(bytes),
      parse: (data) => Promise.resolve(answersOf(data)),
    },
  };
}

function answersOf({ topics }: { topics: { partitions: Answer[] }[] }): Answer[] {
  return topics.flatMap(({ partitions }) => partitions);
}
