// A Kafka source from its first connection to its end: batches that are to be made again, then what is new.
import { monotonicTime } from '../../clock.ts';
import { endEnvelope, type Envelope, type Position } from '../../envelope/envelope.ts';
import { SluiceError } from '../../errors.ts';
import type { KafkaAddress } from '../../kafka/address.ts';
import type { KafkaCluster } from '../../kafka/cluster.ts';
import { keyOf, partitionOf, type Partition } from '../../kafka/partition.ts';
import { reach } from '../../kafka/reach.ts';
import { offsetsAt } from '../../kafka/reading.ts';
import type { Security } from '../../kafka/security.ts';
import { stoppedEarly, type EncodedChunk, type SourceChunk } from '../../stage/stage.ts';
import type { BegunJob } from '../../state/begin-job.ts';
import type { LoggedBatch } from '../../state/offsets-log.ts';
import type { RateLimit } from '../rate/limit.ts';
import { itsTurn } from '../rate/limited.ts';
import { visitsOf } from '../visits.ts';
import { DirectStream } from './direct-stream.ts';
import type { MessageEncoder } from './encoder.ts';
import { GroupReading, type Offsets } from './group.ts';
import { Pace } from './pace.ts';
import { PartitionReader } from './partition-reader.ts';
import { startOffsets, type Start } from './start.ts';

export type KafkaReading = {
  readonly address: KafkaAddress;
  readonly security: Security;
  readonly encoder: MessageEncoder;
  readonly start: Start;
  /** Ends where the topics end when it begins. */
  readonly endsAtLatest: boolean;
  /** Partitions are shared with its other members. */
  readonly group: string | undefined;
  /** Messages a second of a partition; undefined: as many as come. */
  readonly maxRate: number | undefined;
  /** Of all partitions together. */
  readonly limit?: RateLimit | undefined;
  /** Milliseconds. */
  readonly patience: number;
  readonly warn: (message: string) => void;
  /** Of a job that keeps state. */
  readonly job?: BegunJob;
  readonly isFinal: boolean;
  /** Told how many messages came and, where that is known, how many are to come. */
  readonly onProgress: (done: number, left: number) => void;
};

/** New partitions and topics are looked for this often, in milliseconds. */
const discoverEvery = Number(process.env['SLUICE_KAFKA_DISCOVER'] ?? 30_000);
/** A member of a group looks this often whether the others want something, in milliseconds. */
const groupEvery = 200;

type Positions = Record<string, Position>;

export class KafkaSource {
  readonly #reading: KafkaReading;
  readonly #cluster: KafkaCluster;
  readonly #stream: DirectStream;
  readonly #group: GroupReading | undefined;
  /** All partitions that are meant, as they were when the cluster was reached. */
  #all: readonly Partition[] = [];
  /** Where partitions stood when they became ours. */
  readonly #began = new Map<string, number>();
  #done = 0;
  /** People know that there is no topic yet. */
  #isToldOfNone = false;

  private constructor(reading: KafkaReading, cluster: KafkaCluster) {
    this.#reading = reading;
    this.#cluster = cluster;
    const { encoder, address, patience, warn, maxRate, limit, group, job } = reading;
    const pace = new Pace(maxRate, limit);
    this.#stream = new DirectStream({ cluster, encoder, pace, where: address.text, patience, warn });
    if (group !== undefined && job) this.#group = new GroupReading(cluster, group, job);
  }

  /** Throws SluiceError where no broker answers, or a topic is not there. */
  static async connect(reading: KafkaReading, stop: AbortSignal): Promise<KafkaSource> {
    const { address, security, patience } = reading;
    return reach({ address, security, patience, stop }, async (cluster) => {
      const source = new KafkaSource(reading, cluster);
      source.#all = await source.#partitions();
      return source;
    });
  }

  /** The other members of the group may go on once the sinks have what was read. */
  async close(): Promise<void> {
    await this.#group?.finish(this.#read);
    await this.#cluster.close();
  }

  /** All that are meant, as they are now. */
  async #partitions(): Promise<Partition[]> {
    const { topics, pattern, text } = this.#reading.address;
    if (!pattern) return this.#cluster.partitionsOf(topics);
    const matching = (await this.#cluster.topics()).filter((topic) => pattern.test(topic));
    if (matching.length === 0 && !this.#isToldOfNone) this.#reading.warn(`${text}: no topic matches yet`);
    this.#isToldOfNone = matching.length === 0;
    return this.#cluster.partitionsOf(matching);
  }

  async *read(stop: AbortSignal): AsyncGenerator<SourceChunk, Envelope> {
    const { job, endsAtLatest, isFinal } = this.#reading;
    const all = this.#all;
    const ends = endsAtLatest ? await offsetsAt(this.#cluster, all, 'latest') : [];
    const endOf = new Map(ends.map((end, index) => [keyOf(all[index] as Partition), end]));
    const positions: Positions = { ...job?.positions };
    const mine = this.#group ? await this.#group.join(all, []) : all;
    const again = (await this.#group?.reconcile(mine, positions)) ?? job?.again ?? [];
    await this.#begin(mine, positions);
    if (job) yield { opening: job.opening(positions, this.#groupOfJob) };
    yield* this.#readAgain(again, positions, stop);
    for (const partition of mine) {
      const key = keyOf(partition);
      await this.#follow(partition, positions[key] as Position, endOf.get(key));
    }
    yield* this.#readOn(stop);
    const isStopped = job !== undefined && (stop.aborted || this.#stream.left > 0);
    const isEnd = !isStopped && (isFinal || !job);
    return isEnd ? endEnvelope('ok') : endEnvelope('paused', isStopped ? stoppedEarly : undefined);
  }

  get #groupOfJob(): { name: string; cluster: string } | undefined {
    return this.#group && { name: this.#group.name, cluster: this.#cluster.id };
  }

  /** Partitions that were not read before get a place to begin at; the new ones of a job begin at their beginning. */
  async #begin(mine: readonly Partition[], positions: Positions): Promise<void> {
    const fresh = mine.filter((partition) => !positions[keyOf(partition)]);
    if (fresh.length === 0) return;
    const isKnown = Object.keys(positions).length > 0 && !this.#group;
    const start: Start = isKnown ? { at: 'earliest' } : this.#reading.start;
    const offsets = await startOffsets(this.#cluster, fresh, start, this.#group?.name);
    for (const [index, partition] of fresh.entries())
      positions[keyOf(partition)] = { offset: offsets[index] as number };
  }

  /** Leaves in `positions` where it stands behind that. */
  async *#readAgain(
    batches: readonly LoggedBatch[],
    positions: Positions,
    stop: AbortSignal,
  ): AsyncGenerator<EncodedChunk> {
    const { limit } = this.#reading;
    const readers = new Map<string, PartitionReader>();
    for (const { id, from, until } of visitsOf(batches)) {
      const reader = readers.get(id) ?? this.#readerOf(id);
      readers.set(id, reader);
      const chunks = limit
        ? atPace(reader.read(from, until, limit.burst), limit, stop)
        : reader.read(from, until);
      const offset = yield* chunks;
      // One that others have read by now goes on where they are.
      if (offset > (positions[id]?.offset ?? -1)) positions[id] = { offset };
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
    this.#began.set(keyOf(partition), from);
    this.#stream.follow(partition, from, end);
  }

  #shorter(partition: Partition, offset: number, end: number): SluiceError {
    return new SluiceError(
      'inputOutput',
      `${keyOf(partition)} at ${this.#reading.address.text} ends at offset ${end}, and was read up to ${offset}`,
      'was the topic made anew? `sluice state reset` begins anew as well',
    );
  }

  async *#readOn(stop: AbortSignal): AsyncGenerator<SourceChunk> {
    const { endsAtLatest, onProgress } = this.#reading;
    const group = this.#group;
    let discoverAt = monotonicTime() + discoverEvery;
    for (;;) {
      if (stop.aborted || (endsAtLatest && this.#stream.left === 0)) return;
      const longest = group ? groupEvery : endsAtLatest ? discoverEvery : discoverAt - monotonicTime();
      const chunk = await this.#stream.next(stop, Math.max(0, longest));
      if (chunk) {
        this.#done += chunk.count;
        onProgress(this.#done, this.#stream.left);
        yield chunk;
      }
      await group?.keepUp(monotonicTime());
      if (group?.isRebalancing) yield* this.#divide(group, stop);
      if (endsAtLatest || monotonicTime() < discoverAt) continue;
      await this.#discover();
      discoverAt = monotonicTime() + discoverEvery;
    }
  }

  /** What was handed on, by partition, up to where. */
  get #read(): Offsets {
    const read = new Map<string, number>();
    for (const key of this.#stream.keys) {
      const position = this.#stream.positionOf(key) as number;
      if (position > (this.#began.get(key) ?? 0)) read.set(key, position);
    }
    return read;
  }

  /** The group divides its partitions anew: once everything that was read is with the sinks, and the group knows. */
  async *#divide(group: GroupReading, stop: AbortSignal): AsyncGenerator<SourceChunk> {
    yield { flush: true };
    await group.settle(this.#read, stop);
    if (stop.aborted) return;
    const before = this.#stream.keys;
    const mine = await group.join(await this.#partitions(), before);
    const share = new Set(mine.map(keyOf));
    for (const key of before) if (!share.has(key)) this.#stream.leave(key);
    const gained = mine.filter((partition) => !before.includes(keyOf(partition)));
    const positions: Positions = {};
    await this.#begin(gained, positions);
    const ends = this.#reading.endsAtLatest ? await offsetsAt(this.#cluster, gained, 'latest') : [];
    for (const [index, partition] of gained.entries())
      await this.#follow(partition, positions[keyOf(partition)] as Position, ends[index]);
  }

  /** Partitions that are there by now and were not before. A broker that is away does not matter here. */
  async #discover(): Promise<void> {
    const all = await this.#partitions().catch(() => []);
    if (this.#group) return this.#group.notice(all);
    const known = new Set(this.#stream.keys);
    const partitions = all.filter((partition) => !known.has(keyOf(partition)));
    if (partitions.length === 0) return;
    const offsets = await offsetsAt(this.#cluster, partitions, 'earliest');
    for (const [index, partition] of partitions.entries())
      await this.#follow(partition, { offset: offsets[index] as number }, undefined);
  }
}

async function* atPace<Result>(
  chunks: AsyncGenerator<EncodedChunk, Result>,
  limit: RateLimit,
  stop: AbortSignal,
): AsyncGenerator<EncodedChunk, Result> {
  for (;;) {
    await itsTurn(limit, stop);
    const { value, done } = await chunks.next();
    if (done) return value;
    yield value;
    limit.spend(value.count);
  }
}
