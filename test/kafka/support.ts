// Record batches as tests make them, and what is in them.
import { BatchBuilder, noProducer } from '../../src/kafka/batch-builder.ts';
import { recordBatches, RecordReader } from '../../src/kafka/record-batch.ts';

export type Message = {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly headers: readonly (readonly [string, string | undefined])[];
};

/** All messages of all batches, whoever wrote them. */
export function messagesIn(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  for (const batch of recordBatches(bytes)) {
    const record = new RecordReader(batch);
    while (record.next()) {
      messages.push({
        offset: record.offset,
        timestamp: record.timestamp,
        key: record.key?.toString('latin1'),
        value: record.value?.toString('latin1'),
        headers: record.headers().map(([name, value]) => [name, value?.toString('utf8')]),
      });
    }
  }
  return messages;
}

type Making = {
  readonly producer?: bigint;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
};

const attributesAt = 21;
const controlFlag = 0x20;

/** A batch whose first record has this offset. */
function batchAt(
  offset: number,
  records: readonly (readonly [key: Buffer | undefined, value: Buffer])[],
  { producer = -1n, isTransactional = false, isControl = false }: Making = {},
): Buffer {
  const builder = new BatchBuilder();
  for (const [key, value] of records) builder.add(key, value);
  const bytes = builder.build({ ...noProducer, id: producer, isTransactional }, 0, 0, false);
  bytes.writeBigInt64BE(BigInt(offset), 0);
  if (isControl) bytes.writeInt16BE(bytes.readInt16BE(attributesAt) | controlFlag, attributesAt);
  return bytes;
}

/** Values without keys. */
export function valuesAt(offset: number, values: readonly string[], making: Making = {}): Buffer {
  return batchAt(
    offset,
    values.map((value) => [undefined, Buffer.from(value)]),
    making,
  );
}

/** The end of a transaction: it takes an offset too. */
export function markAt(offset: number, kind: 'commit' | 'abort', producer: bigint): Buffer {
  const key = Buffer.from([0, 0, 0, kind === 'commit' ? 1 : 0]);
  return batchAt(offset, [[key, Buffer.alloc(6)]], { producer, isTransactional: true, isControl: true });
}
