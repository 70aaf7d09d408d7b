// Records into a topic, each once: the broker knows a batch that comes again by its producer and number. With a transactional
// id all records since the last commit are there together, with how far the input was read, or not at all.
import { BatchBuilder, noProducer, type Producer } from './batch-builder.ts';
import type { KafkaCluster } from './cluster.ts';
import { partitionFor } from './partitioner.ts';
import {
  commitOffsets,
  initProducer,
  inTransaction,
  produce,
  type GroupOffsets,
  type Transaction,
} from './writing.ts';

/** A batch may have a mebibyte (max.message.bytes of the topic), with its header. */
const fullSize = 900_000;
/** Numbers of batches are 32 bits, and start again. */
const sequences = 2 ** 31;

export class KafkaProducer {
  readonly #cluster: KafkaCluster;
  readonly #topic: string;
  readonly #isPacked: boolean;
  #transactionalId: string | undefined;
  #producer: Producer = noProducer;
  #partitions: readonly number[] = [];
  readonly #builders = new Map<number, BatchBuilder>();
  /** Records so far, by partition. */
  readonly #sequences = new Map<number, number>();
  /** Partitions that belong to the open transaction. */
  readonly #joined = new Set<number>();
  /** Records without a key go to one partition after the other, a request each. */
  #turn = 0;

  constructor(cluster: KafkaCluster, topic: string, isPacked: boolean) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#isPacked = isPacked;
  }

  /** With a transactional id, what whoever had it before left open is given up. Throws SluiceError. */
  async open(transactionalId?: string): Promise<void> {
    const partitions = await this.#cluster.partitionsOf([this.#topic]);
    this.#partitions = partitions.map(({ partition }) => partition);
    this.#transactionalId = transactionalId;
    const { producerId, producerEpoch: epoch } = await initProducer(this.#cluster, transactionalId);
    this.#producer = { id: BigInt(producerId), epoch, isTransactional: transactionalId !== undefined };
    this.#sequences.clear();
  }

  /** It should be flushed. */
  get isFull(): boolean {
    for (const { size } of this.#builders.values()) if (size >= fullSize) return true;
    return false;
  }

  /** Something was added since the last commit. */
  get hasOpen(): boolean {
    return this.#joined.size > 0 || this.#builders.size > 0;
  }

  add(key: Buffer | undefined, value: Buffer): void {
    const { length } = this.#partitions;
    const partition = this.#partitions[key ? partitionFor(key, length) : this.#turn % length] as number;
    const builder = this.#builders.get(partition) ?? new BatchBuilder();
    this.#builders.set(partition, builder);
    builder.add(key, value);
  }

  /** Everything that was added is with all replicas that keep up. Throws SluiceError. */
  async flush(): Promise<void> {
    if (this.#builders.size === 0) return;
    this.#turn += 1;
    await this.#joinTransaction();
    const now = Date.now();
    const batches = Array.from(this.#builders, ([partition, builder]) => {
      const sequence = this.#sequences.get(partition) ?? 0;
      this.#sequences.set(partition, (sequence + builder.count) % sequences);
      return { partition, bytes: builder.build(this.#producer, sequence, now, this.#isPacked) };
    });
    this.#builders.clear();
    await produce(this.#cluster, this.#topic, batches, this.#transactionalId);
  }

  async #joinTransaction(): Promise<void> {
    const transaction = this.#transaction;
    const partitions = [...this.#builders.keys()].filter((partition) => !this.#joined.has(partition));
    if (!transaction || partitions.length === 0) return;
    const topics = [{ topic: this.#topic, partitions }];
    await inTransaction(this.#cluster, transaction, (broker) =>
      broker.addPartitionsToTxn({ ...transaction, topics }),
    );
    for (const partition of partitions) this.#joined.add(partition);
  }

  get #transaction(): Transaction | undefined {
    const { id, epoch } = this.#producer;
    const transactionalId = this.#transactionalId;
    if (transactionalId === undefined) return undefined;
    return { transactionalId, producerId: String(id), producerEpoch: epoch };
  }

  /** What is not committed never was. Throws SluiceError. */
  async abort(): Promise<void> {
    const transaction = this.#transaction;
    this.#builders.clear();
    if (!transaction || this.#joined.size === 0) return;
    await inTransaction(this.#cluster, transaction, (broker) =>
      broker.endTxn({ ...transaction, transactionResult: false }),
    );
    this.#joined.clear();
  }

  /** Ends the transaction: its records and these offsets count from now on. Throws SluiceError. */
  async commit(offsets: readonly GroupOffsets[]): Promise<void> {
    const transaction = this.#transaction as Transaction;
    await this.flush();
    for (const each of offsets) await commitOffsets(this.#cluster, transaction, each);
    await inTransaction(this.#cluster, transaction, (broker) =>
      broker.endTxn({ ...transaction, transactionResult: true }),
    );
    this.#joined.clear();
  }
}
