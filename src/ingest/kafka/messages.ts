// Hot path. The messages of a partition → records: values are laid side by side as lines, so that a format takes many of
// them at once.
import { keyOf } from '../../kafka/partition.ts';
import { committedBatches } from '../../kafka/committed.ts';
import type { FetchedPartition } from '../../kafka/fetched.ts';
import { nextOffset, RecordReader, type RecordBatch } from '../../kafka/record-batch.ts';
import type { MessageEncoder } from './encoder.ts';
import { Values } from './values.ts';

/** Records of a partition; `until` is the offset behind the last of them. */
export type Piece = {
  readonly payload: Buffer;
  readonly count: number;
  /** That were passed, without a value or rejected ones included. */
  readonly messages: number;
  readonly until: number;
};

/** What a fetch brought of a partition, in pieces. */
export class FetchedMessages {
  readonly #encoder: MessageEncoder;
  readonly #name: string;
  readonly #batches: Generator<RecordBatch>;
  /** Behind everything that was fetched, also what is left out. */
  readonly end: number;
  /** Bytes, as they were fetched. */
  readonly size: number;
  /** The batch that is being read, with its next message that is wanted and not taken. */
  #record: RecordReader | undefined;
  #isAhead = false;
  /** What stands at `position` cannot be taken. */
  #failure: { readonly error: unknown } | undefined;
  /** The next message to come. */
  position: number;

  /** From offset `from` on. */
  constructor(fetched: FetchedPartition, from: number, encoder: MessageEncoder) {
    this.#encoder = encoder;
    this.#name = keyOf(fetched);
    this.#batches = committedBatches(fetched);
    this.end = Math.max(nextOffset(fetched.bytes) ?? from, from);
    this.size = fetched.bytes.length;
    this.position = from;
  }

  get isOver(): boolean {
    return this.position >= this.end;
  }

  /** At most so many messages, of offsets below `until`. Throws SluiceError('badData'), but not before what is ahead was taken. */
  take(most: number, until: number): Piece {
    if (this.#failure) throw this.#failure.error;
    const end = Math.min(this.end, until);
    const values = new Values(this.#encoder.settings.withMeta ? this.#name : undefined);
    let messages = 0;
    try {
      for (; messages < most && !values.isFull; messages += 1) {
        const record = this.#peek();
        if (!record || record.offset >= end) {
          // What is left out is passed over.
          this.position = end;
          break;
        }
        this.#isAhead = false;
        this.#encoder.add(record, values);
        this.position = record.offset + 1;
      }
    } catch (error) {
      this.#failure = { error };
    }
    const { failure, ...encoded } = this.#encoder.encode(values, this.#name);
    if (failure) {
      this.#failure = failure;
      this.position = values.offsets[failure.index] as number;
    }
    return { ...encoded, messages, until: this.position };
  }

  #peek(): RecordReader | undefined {
    while (!this.#isAhead) {
      if (this.#record?.next()) this.#isAhead = this.#record.offset >= this.position;
      else {
        const { value } = this.#batches.next();
        if (!value) return undefined;
        this.#record = new RecordReader(value);
      }
    }
    return this.#record;
  }
}
