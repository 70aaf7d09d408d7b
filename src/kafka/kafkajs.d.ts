// What we use of kafkajs below its public interface, which reads only as a member of a group and one object a record. Its
// last release is of 2023, so none of this moves.
declare module 'kafkajs/src/cluster/index.js' {
  export type Broker = {
    readonly nodeId: number;
    readonly connectionPool: {
      send(request: ProtocolRequest): Promise<unknown>;
      readonly host: string;
      readonly port: number;
    };
    lookupRequest(apiKey: number, definitions: unknown): (options: object) => ProtocolRequest;
    metadata(topics?: readonly string[]): Promise<Metadata>;
    listOffsets(request: {
      isolationLevel: number;
      topics: readonly TopicTimes[];
    }): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>;
    offsetFetch(request: { groupId: string; topics: readonly TopicPartitions[] }): Promise<{
      responses: {
        topic: string;
        partitions: { partition: number; offset: string; metadata: string | null }[];
      }[];
    }>;
    offsetCommit(request: {
      groupId: string;
      groupGenerationId: number;
      memberId: string;
      topics: readonly {
        topic: string;
        partitions: { partition: number; offset: string; metadata?: string }[];
      }[];
    }): Promise<unknown>;
    joinGroup(request: {
      groupId: string;
      sessionTimeout: number;
      rebalanceTimeout: number;
      memberId: string;
      groupProtocols: readonly { name: string; metadata: Buffer }[];
    }): Promise<{
      generationId: number;
      leaderId: string;
      memberId: string;
      members: { memberId: string; memberMetadata: Buffer }[];
    }>;
    syncGroup(request: {
      groupId: string;
      generationId: number;
      memberId: string;
      groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
    }): Promise<{ memberAssignment: Buffer }>;
    heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
    leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
    initProducerId(request: {
      transactionalId: string | undefined;
      transactionTimeout: number;
    }): Promise<{ producerId: string; producerEpoch: number }>;
    addPartitionsToTxn(
      request: TransactionOf & { topics: readonly { topic: string; partitions: readonly number[] }[] },
    ): Promise<unknown>;
    addOffsetsToTxn(request: TransactionOf & { groupId: string }): Promise<unknown>;
    txnOffsetCommit(
      request: TransactionOf & {
        groupId: string;
        topics: readonly {
          topic: string;
          partitions: { partition: number; offset: string; metadata: string | null }[];
        }[];
      },
    ): Promise<unknown>;
    endTxn(request: TransactionOf & { transactionResult: boolean }): Promise<unknown>;
  };
  type TransactionOf = {
    readonly transactionalId: string;
    readonly producerId: string;
    readonly producerEpoch: number;
  };
  export type ProtocolRequest = {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      readonly encode?: () => Promise<unknown>;
    };
    readonly response: { decode(bytes: Buffer): Promise<unknown>; parse(data: never): Promise<unknown> };
    readonly requestTimeout?: number;
  };
  export type Metadata = {
    readonly topicMetadata: readonly {
      readonly topic: string;
      readonly topicErrorCode: number;
      readonly isInternal: boolean;
      readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
    }[];
  };
  export type TopicPartitions = {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number }[];
  };
  type TopicTimes = {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[];
  };
  export default class Cluster {
    constructor(options: object);
    readonly targetTopics: Set<string>;
    readonly brokerPool: { readonly metadata: { readonly clusterId: string } | null };
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    refreshMetadata(): Promise<void>;
    isConnected(): boolean;
    removeBroker(destination: { host: string; port: number }): void;
    findBroker(wanted: { nodeId: number }): Promise<Broker>;
    findGroupCoordinator(wanted: { groupId: string; coordinatorType?: number }): Promise<Broker>;
    findControllerBroker(): Promise<Broker>;
    findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly throttledUntil: number;
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  export default function createSocketFactory(): unknown;
}

declare module 'kafkajs/src/loggers/index.js' {
  export function createLogger(options: { level: number; logCreator: () => () => void }): unknown;
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  export const requests: { readonly Fetch: unknown; readonly Produce: unknown };
}

declare module 'kafkajs/src/protocol/requests/apiKeys.js' {
  const apiKeys: { readonly Fetch: number; readonly Produce: number };
  export default apiKeys;
}

declare module 'kafkajs/src/protocol/error.js' {
  export function createErrorFromCode(code: number): Error & { readonly type: string };
}

declare module 'kafkajs/src/consumer/assignerProtocol.js' {
  export const MemberMetadata: {
    encode(metadata: { version: number; topics: readonly string[]; userData: Buffer }): Buffer;
    decode(bytes: Buffer): { readonly topics: readonly string[]; readonly userData: Buffer };
  };
  export const MemberAssignment: {
    encode(of: { version: number; assignment: Readonly<Record<string, readonly number[]>> }): Buffer;
    decode(bytes: Buffer): { readonly assignment: Readonly<Record<string, readonly number[]>> } | null;
  };
}

declare module 'lz4js' {
  export function decompress(bytes: Uint8Array): Uint8Array;
}

declare module 'snappyjs' {
  export function uncompress(bytes: Uint8Array): Uint8Array;
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js' {
  export default function crc32C(bytes: Uint8Array): number;
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    writeString(text: string | null): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeArray(items: readonly Encoder[]): this;
    writeBytes(bytes: Buffer): this;
    writeBuffer(bytes: Buffer): this;
    readonly buffer: Buffer;
  }
}
