// Rows → records of a topic. Rows of a batch, or a window, are with the brokers once it is complete. In a job that keeps state
// they are at the latest when it commits; with --transactional they can be seen from then on, each once.
import type { StageReport } from '../../../envelope/envelope.ts';
import { stringifyJson, type Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import type { KafkaCluster } from '../../../kafka/cluster.ts';
import { commitMark, committedBy } from '../../../kafka/groups.ts';
import { partitionOf } from '../../../kafka/partition.ts';
import type { KafkaProducer } from '../../../kafka/producer.ts';
import { compileField, type Field } from '../../../record/field.ts';
import type { ReportHead } from '../../../monitor/pipeline.ts';
import type { Resumption } from '../../../stage/committing.ts';
import type { Positions } from '../../../state/offsets-log.ts';
import { faultPoint } from '../../../state/fault-points.ts';
import type { TableWriter } from '../../emit.ts';
import { parseRow } from '../../formats/cells.ts';
import type { TableHead } from '../../formats/format.ts';
import { ndjsonRows, plainRow } from '../../formats/ndjson.ts';
import type { Rows } from '../../rows.ts';
import type { Status } from '../../terminal/status.ts';

export type KafkaWriting = {
  readonly cluster: KafkaCluster;
  readonly producer: KafkaProducer;
  readonly topic: string;
  /** As the user typed it. */
  readonly operand: string;
  /** Whose value is the key of a record; rows go to any partition without. */
  readonly key: string | undefined;
  readonly transactional: boolean;
  readonly status: Status | undefined;
};

export class KafkaWriter implements TableWriter {
  readonly #writing: KafkaWriting;
  readonly #keyOf: Field | undefined;
  /** Of a job that keeps state; also the name by which brokers know its transactions. */
  #job: string | undefined;
  /** Whose partitions were read, where the same cluster keeps how far: that is committed with the rows. */
  #group: string | undefined;

  constructor(writing: KafkaWriting) {
    this.#writing = writing;
    this.#keyOf = writing.key === undefined ? undefined : compileField(writing.key);
  }

  async write(rows: Rows, head: TableHead, _isFirst: boolean, isLast: boolean): Promise<void> {
    const { producer, transactional } = this.#writing;
    if (transactional && this.#job === undefined) throw this.#stateless();
    for (const texts of rows.texts()) {
      for (const row of ndjsonRows(texts, head)) {
        producer.add(this.#keyOf && this.#key(row), plainRow(row));
        if (producer.isFull) await producer.flush();
      }
    }
    if (isLast && this.#job === undefined) await producer.flush();
  }

  #key(row: string): Buffer {
    const { key, operand } = this.#writing;
    const value = this.#keyOf?.(parseRow(row)) ?? null;
    if (value === null)
      throw new SluiceError(
        'badData',
        `a row for ${operand} has no ${key}, which is to be its key: ${row.slice(0, 80)}`,
        'name a column that all rows have, or leave --key out',
      );
    return Buffer.from(typeof value === 'string' ? value : stringifyJson(value));
  }

  #stateless(): SluiceError {
    return new SluiceError(
      'usage',
      '--transactional is for a job that keeps state, which knows what was written already',
      'give ingest a folder for it: --state DIR',
    );
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#writing.status?.update(stages, head);
  }

  /** Where a crash came between the transaction's commit and the job's, the brokers know of more batches. */
  async resume({ job, committed, group }: Resumption): Promise<number | undefined> {
    this.#job = job;
    if (group?.cluster === this.#writing.cluster.id) this.#group = group?.name;
    const { producer, transactional } = this.#writing;
    if (!transactional) return committed;
    await producer.open(this.#name);
    const known = await this.#committedBatch();
    if (known === undefined) return committed;
    return Math.max(known, committed ?? known);
  }

  get #name(): string {
    return `sluice-${this.#job}-${this.#writing.topic}`;
  }

  /** It is kept as the offset of a group of that name, which is in the same transaction as the rows. */
  async #committedBatch(): Promise<number | undefined> {
    const { cluster, topic } = this.#writing;
    const [next] = await committedBy(cluster, this.#name, [{ topic, partition: 0 }]);
    return next && next.offset - 1;
  }

  async commit(batch: number, read: Positions): Promise<Json> {
    const { producer, transactional, topic } = this.#writing;
    if (!transactional) {
      await producer.flush();
      return null;
    }
    const metadata = commitMark(this.#job as string, batch);
    const group = this.#group;
    const positions = group === undefined ? [] : Object.entries(read);
    if (producer.hasOpen || positions.length > 0) {
      await producer.flush();
      faultPoint('rows-produced');
      const own = { group: this.#name, offsets: [{ topic, partition: 0, offset: batch + 1, metadata }] };
      const offsets = positions.map(([key, { offset }]) => {
        const { topic: from, partition } = partitionOf(key);
        return { topic: from, partition, offset, metadata };
      });
      await producer.commit(offsets.length > 0 ? [own, { group: group as string, offsets }] : [own]);
      faultPoint('transaction-committed');
    }
    return group === undefined ? null : { group };
  }

  async close(): Promise<void> {
    const { status, producer, cluster, transactional } = this.#writing;
    status?.close();
    try {
      // Nobody has to wait for a transaction that nothing comes of.
      if (transactional) await producer.abort();
      else await producer.flush();
    } finally {
      await cluster.close();
    }
  }
}
