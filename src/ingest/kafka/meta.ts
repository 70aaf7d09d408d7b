// All that Kafka says of a message, as the beginning of a JSON object, up to its value: Spark's columns, and the headers.
import type { RecordReader } from '../../kafka/record-batch.ts';
import { partitionOf } from '../../kafka/partition.ts';

/** `name` is that of the partition. */
export function metaOf(record: RecordReader, name: string): string {
  const { topic, partition } = partitionOf(name);
  const { offset, timestamp, key } = record;
  const meta = {
    topic,
    partition,
    offset,
    timestamp,
    key: key?.toString('utf8') ?? null,
    headers: headersOf(record),
  };
  return `${JSON.stringify(meta).slice(0, -1)},"value":`;
}

/** A name that comes more than once has a list of values. */
function headersOf(record: RecordReader): Record<string, unknown> {
  const headers = new Map<string, (string | null)[]>();
  for (const [name, value] of record.headers())
    headers.set(name, [...(headers.get(name) ?? []), value?.toString('utf8') ?? null]);
  return Object.fromEntries(
    Array.from(headers, ([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}
