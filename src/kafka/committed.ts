// Which record batches count for a reader that sees committed transactions only: not those of transactions that were given
// up, nor the marks at their ends.
import type { FetchedPartition } from './fetched.ts';
import { recordBatches, RecordReader, type RecordBatch } from './record-batch.ts';

/** Of a control record's key: version i16, then the type. */
const typeOffset = 2;
const abortType = 0;

export function* committedBatches({
  bytes,
  aborted,
}: Pick<FetchedPartition, 'bytes' | 'aborted'>): Generator<RecordBatch> {
  const ahead = aborted.toSorted((one, other) => one.first - other.first);
  const open = new Set<bigint>();
  for (const batch of recordBatches(bytes)) {
    while (ahead[0] && ahead[0].first <= batch.lastOffset)
      open.add((ahead.shift() as (typeof ahead)[0]).producer);
    if (batch.isControl) {
      if (isAbort(batch)) open.delete(batch.producer);
    } else if (!batch.isTransactional || !open.has(batch.producer)) yield batch;
  }
}

function isAbort(batch: RecordBatch): boolean {
  const record = new RecordReader(batch);
  return record.next() && record.key?.readInt16BE(typeOffset) === abortType;
}
