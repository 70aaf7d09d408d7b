// kafkajs's own encoders and decoders, which know nothing of ours.
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

type Long = { readonly value: bigint };
type Encoder = { readonly buffer: Buffer };

const Long = load('kafkajs/src/utils/long.js') as { fromValue(value: string): Long };
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  record: object,
) => Encoder;
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  readonly RecordBatch: (batch: object) => Promise<Encoder>;
};
const decodeBatch = load('kafkajs/src/protocol/recordBatch/v0/decoder.js') as (
  decoder: object,
) => Promise<DecodedBatch>;
const Decoder = load('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object;

export const murmur2 = load('kafkajs/src/producer/partitioners/default/murmur2.js') as (
  key: Buffer,
) => number;

type Headers = Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>>;

export type OracleRecord = {
  readonly offsetDelta: number;
  readonly timestampDelta?: number | undefined;
  readonly key?: Buffer | null | undefined;
  readonly value: Buffer | null;
  readonly headers?: Headers | undefined;
};

type OracleBatch = {
  readonly firstOffset?: number;
  readonly time?: number;
  readonly lastOffsetDelta?: number;
  readonly isPacked?: boolean;
  readonly isTransactional?: boolean;
  readonly producer?: bigint;
};

/** A record batch as kafkajs writes it. */
export async function oracleBatch(
  records: readonly OracleRecord[],
  batch: OracleBatch = {},
): Promise<Buffer> {
  const { firstOffset = 0, time = 0, isPacked = false, isTransactional = false, producer = -1n } = batch;
  const { buffer } = await RecordBatch({
    compression: isPacked ? 1 : 0,
    firstOffset: Long.fromValue(String(firstOffset)),
    firstTimestamp: Long.fromValue(String(time)),
    maxTimestamp: Long.fromValue(String(time)),
    lastOffsetDelta: batch.lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? 0,
    transactional: isTransactional,
    producerId: Long.fromValue(String(producer)),
    records: records.map(({ timestampDelta = 0, ...record }) =>
      encodeRecord({ ...record, timestampDelta: Long.fromValue(String(timestampDelta)) }),
    ),
  });
  return buffer;
}

type DecodedBatch = {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly inTransaction: boolean;
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, unknown>>;
  }[];
};

/** What kafkajs reads of a record batch. */
export function readByOracle(bytes: Buffer): Promise<DecodedBatch> {
  return decodeBatch(new Decoder(bytes));
}
