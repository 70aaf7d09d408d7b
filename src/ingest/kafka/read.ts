// A Kafka source from its first connection to its end: batches that are to be made again, then what is new.
import { endEnvelope, type Envelope, type Position } from '../../envelope/envelope.ts';
import { SluiceError } from '../../errors.ts';
import type { KafkaAddress } from '../../kafka/address.ts';
import { KafkaCluster } from '../../kafka/cluster.ts';
import { keyOf, partitionOf, type Partition } from '../../kafka/partition.ts';
import { offsetsAt } from '../../kafka/reading.ts';
import type { Persistence } from '../../kafka/persist.ts';
import type { Security } from '../../kafka/security.ts';
import { stoppedEarly, type EncodedChunk, type SourceChunk } from '../../stage/stage.ts';
import type { BegunJob } from '../../state/begin-job.ts';
import type { LoggedBatch } from '../../state/offsets-log.ts';
import { visitsOf } from '../visits.ts';
import { DirectStream } from './direct-stream.ts';
import type { MessageEncoder } from './encoder.ts';
import { PartitionPace, unlimitedPace } from './pace.ts';
import { PartitionReader } from './partition-reader.ts';
import { startOffsets, type Start } from './start.ts';

export type KafkaReading = {
  readonly address: KafkaAddress;
  readonly security: Security;
  readonly encoder: MessageEncoder;
  readonly start: Start;
  /** Ends where the topics end when it begins. */
  readonly endsAtLatest: boolean;
  /** Messages a second; undefined: as many as come. */
  readonly maxRate: number | undefined;
  /** Milliseconds. */
  readonly patience: number;
  readonly warn: (message: string) => void;
  /** Of a job that keeps state. */
  readonly job?: BegunJob;
  readonly isFinal: boolean;
  /** Told how many messages came and, where that is known, how many are to come. */
  readonly onProgress: (done: number, left: number) => void;
};

/** Whoever cannot be reached by then is not there: a typo should not take a minute. Milliseconds. */
const firstPatience = 10_000;
/** New partitions and topics are looked for this often, in milliseconds. */
const discoverEvery = Number(process.env['SLUICE_KAFKA_DISCOVER'] ?? 30_000);

export async function* readKafka(
  reading: KafkaReading,
  stop: AbortSignal,
): AsyncGenerator<SourceChunk, Envelope> {
  let isReached = false;
  const persistence: Persistence = {
    where: reading.address.text,
    patience: () => (isReached ? reading.patience : Math.min(firstPatience, reading.patience)),
    stop,
  };
  const cluster = await KafkaCluster.connect(reading.address, reading.security, persistence);
  try {
    const source = new KafkaSource(reading, cluster);
    const partitions = await source.partitions();
    isReached = true;
    return yield* source.read(partitions, stop);
  } finally {
    await cluster.close();
  }
}

class KafkaSource {
  readonly #reading: KafkaReading;
  readonly #cluster: KafkaCluster;
  readonly #stream: DirectStream;
  #done = 0;

  constructor(reading: KafkaReading, cluster: KafkaCluster) {
    this.#reading = reading;
    this.#cluster = cluster;
    const { encoder, address, patience, warn, maxRate } = reading;
    const pace = maxRate === undefined ? unlimitedPace : new PartitionPace(() => maxRate);
    this.#stream = new DirectStream({ cluster, encoder, pace, where: address.text, patience, warn });
  }

  /** All that are meant, as they are now. */
  async partitions(): Promise<Partition[]> {
    const { topics, pattern, text } = this.#reading.address;
    if (!pattern) return this.#cluster.partitionsOf(topics);
    const matching = (await this.#cluster.topics()).filter((topic) => pattern.test(topic));
    if (matching.length === 0) this.#reading.warn(`${text}: no topic matches yet`);
    return this.#cluster.partitionsOf(matching);
  }

  async *read(partitions: readonly Partition[], stop: AbortSignal): AsyncGenerator<SourceChunk, Envelope> {
    const { job, endsAtLatest, isFinal } = this.#reading;
    const ends = endsAtLatest ? await offsetsAt(this.#cluster, partitions, 'latest') : undefined;
    const positions: Record<string, Position> = { ...job?.positions };
    await this.#begin(partitions, positions);
    if (job) {
      yield { opening: job.opening(positions) };
      yield* this.#readAgain(job.again, positions);
    }
    for (const [index, partition] of partitions.entries())
      await this.#follow(partition, positions[keyOf(partition)] as Position, ends?.[index]);
    yield* this.#readOn(stop, endsAtLatest ? undefined : discoverEvery);
    const isStopped = stop.aborted && job !== undefined;
    const isEnd = !isStopped && (isFinal || !job);
    return isEnd ? endEnvelope('ok') : endEnvelope('paused', isStopped ? stoppedEarly : undefined);
  }

  /** Partitions that were not read before get a place to begin at; the new ones of a job begin at their beginning. */
  async #begin(partitions: readonly Partition[], positions: Record<string, Position>): Promise<void> {
    const known = Object.keys(positions).length > 0;
    const fresh = partitions.filter((partition) => !positions[keyOf(partition)]);
    if (fresh.length === 0) return;
    const start: Start = known ? { at: 'earliest' } : this.#reading.start;
    const offsets = await startOffsets(this.#cluster, fresh, start, undefined);
    for (const [index, partition] of fresh.entries())
      positions[keyOf(partition)] = { offset: offsets[index] as number };
  }

  /** Leaves in `positions` where it stands behind that. */
  async *#readAgain(
    batches: readonly LoggedBatch[],
    positions: Record<string, Position>,
  ): AsyncGenerator<EncodedChunk> {
    const readers = new Map<string, PartitionReader>();
    for (const { id, from, until } of visitsOf(batches)) {
      const reader = readers.get(id) ?? this.#readerOf(id);
      readers.set(id, reader);
      positions[id] = { offset: yield* reader.read(from, until) };
    }
  }

  #readerOf(id: string): PartitionReader {
    return new PartitionReader(this.#cluster, this.#reading.encoder, partitionOf(id));
  }

  async #follow(
    partition: Partition,
    { offset, skip = 0 }: Position,
    end: number | undefined,
  ): Promise<void> {
    const from = skip === 0 ? offset : await this.#readerOf(keyOf(partition)).pass(offset, skip);
    if (end !== undefined && from > end) throw this.#shorter(partition, from, end);
    this.#stream.follow(partition, from, end);
  }

  #shorter(partition: Partition, offset: number, end: number): SluiceError {
    return new SluiceError(
      'inputOutput',
      `${keyOf(partition)} at ${this.#reading.address.text} ends at offset ${end}, and was read up to ${offset}`,
      'was the topic made anew? `sluice state reset` begins anew as well',
    );
  }

  async *#readOn(stop: AbortSignal, every: number | undefined): AsyncGenerator<EncodedChunk> {
    let discoverAt = performance.now() + (every ?? Number.POSITIVE_INFINITY);
    while (!stop.aborted && this.#stream.left > 0) {
      const chunk = await this.#stream.next(stop, Math.max(0, discoverAt - performance.now()));
      if (chunk) {
        this.#done += chunk.count;
        this.#reading.onProgress(this.#done, this.#stream.left);
        yield chunk;
      }
      if (every === undefined || performance.now() < discoverAt) continue;
      await this.#discover();
      discoverAt = performance.now() + every;
    }
  }

  /** Partitions that are there by now and were not before. A broker that is away does not matter here. */
  async #discover(): Promise<void> {
    const known = new Set(this.#stream.keys);
    const partitions = (await this.partitions().catch(() => [])).filter(
      (partition) => !known.has(keyOf(partition)),
    );
    if (partitions.length === 0) return;
    const offsets = await offsetsAt(this.#cluster, partitions, 'earliest');
    for (const [index, partition] of partitions.entries())
      this.#stream.follow(partition, offsets[index] as number);
  }
}
