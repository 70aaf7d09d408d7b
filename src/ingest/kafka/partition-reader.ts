// One stretch of a partition after the other, exactly: what a batch consisted of is read once more like this.
import type { Position } from '../../envelope/envelope.ts';
import { SluiceError } from '../../errors.ts';
import type { KafkaCluster } from '../../kafka/cluster.ts';
import { keyOf, type Partition } from '../../kafka/partition.ts';
import { fetchFrom } from '../../kafka/reading.ts';
import { answerError, isOutOfRange } from '../../kafka/answer-errors.ts';
import type { EncodedChunk } from '../../stage/stage.ts';
import type { MessageEncoder } from './encoder.ts';
import { FetchedMessages, type Piece } from './messages.ts';

export class PartitionReader {
  readonly #cluster: KafkaCluster;
  readonly #encoder: MessageEncoder;
  readonly #partition: Partition;
  #held: FetchedMessages | undefined;

  constructor(cluster: KafkaCluster, encoder: MessageEncoder, partition: Partition) {
    this.#cluster = cluster;
    this.#encoder = encoder;
    this.#partition = partition;
  }

  /** Records `[from, until)`, at most so many at once. Returns the offset behind them. Throws SluiceError('inputOutput') where they are not there any more. */
  async *read(
    from: Position,
    until: Position,
    most = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<EncodedChunk, number> {
    let at = await this.pass(from.offset, from.skip ?? 0);
    while (at < until.offset) {
      const piece = await this.#take(at, most, until.offset);
      yield this.#chunk(at, piece);
      at = piece.until;
    }
    for (let left = until.skip ?? 0; left > 0;) {
      const piece = await this.#take(at, Math.min(left, most));
      yield this.#chunk(at, piece);
      at = piece.until;
      left -= piece.count;
    }
    return at;
  }

  /** The offset behind so many records from `offset` on. */
  async pass(offset: number, records: number): Promise<number> {
    let at = offset;
    for (let left = records; left > 0;) {
      const { until, count } = await this.#take(at, left);
      at = until;
      left -= count;
    }
    return at;
  }

  async #take(offset: number, most: number, until = Number.POSITIVE_INFINITY): Promise<Piece> {
    return (await this.#messages(offset)).take(most, until);
  }

  #chunk(offset: number, { payload, count, until }: Piece): EncodedChunk {
    return {
      payload,
      count,
      offsets: { [keyOf(this.#partition)]: { from: { offset }, until: { offset: until } } },
    };
  }

  async #messages(offset: number): Promise<FetchedMessages> {
    if (this.#held && !this.#held.isOver && this.#held.position === offset) return this.#held;
    const messages = await this.#cluster.persist(async () => {
      const [[node] = []] = this.#cluster.byLeader([this.#partition]);
      if (node === undefined) throw answerError();
      const [fetched] = await fetchFrom(this.#cluster, node, [{ ...this.#partition, offset }], false);
      if (fetched && isOutOfRange(fetched)) throw notThere(keyOf(this.#partition), offset);
      if (fetched?.errorCode !== 0) throw answerError(fetched?.errorCode);
      const held = new FetchedMessages(fetched, offset, this.#encoder);
      // A new leader may not know yet how far the others are.
      if (held.isOver) throw answerError();
      return held;
    });
    this.#held = messages;
    return messages;
  }
}

function notThere(name: string, offset: number): SluiceError {
  return new SluiceError(
    'inputOutput',
    `a batch is to be made again, and what was read of ${name} from offset ${offset} on is not there any more`,
    'begin anew with `sluice state reset`; a longer retention of the topic keeps it from happening again',
  );
}
