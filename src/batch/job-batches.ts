// The batches of a job that keeps state: of what they consist is written down before they leave, those that an earlier run
// began are made again, and now and then one is a checkpoint.
import {
  endEnvelope,
  type Envelope,
  type Header,
  type Job,
  type Offsets,
  type Position,
} from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { stoppedEarly } from '../stage/stage.ts';
import type { BatchLog } from '../state/batch-log.ts';
import type { LoggedBatch } from '../state/offsets-log.ts';

type Block = {
  readonly source: string;
  readonly from: Position;
  readonly until: Position;
  readonly n: number;
  taken: number;
};

type ClosedBatch = Omit<LoggedBatch, 'offsets'>;

export class JobBatches {
  /** The number of the first batch. */
  readonly first: number;
  readonly #log: BatchLog;
  readonly #every: number;
  #checkpointAt: number;
  #again: readonly LoggedBatch[];
  #end: LoggedBatch | undefined;
  /** Where sources stand behind the last closed batch. */
  readonly #positions: Record<string, Position>;
  /** Up to when batches have come. */
  #to: number | undefined;
  #open: Record<string, { readonly from: Position; readonly until: Position }> = {};
  /** Which sources the open batch was read from, in turns, and up to where. */
  #order: [source: string, until: number][] = [];
  /** The block that records are taken from. */
  #block: Block | undefined;

  /** A checkpoint every so many milliseconds. */
  constructor(log: BatchLog, job: Pick<Job, 'next' | 'positions'>, every: number, startedAt: number) {
    this.#log = log;
    this.#every = every;
    this.#checkpointAt = startedAt + every;
    this.#positions = { ...job.positions };
    this.#to = log.start.to;
    this.#end = log.again.at(-1)?.end ? log.again.at(-1) : undefined;
    this.#again = log.again.filter(({ end }) => !end);
    this.first = this.#again[0]?.batch ?? job.next;
  }

  /** The batch that is to be made again, undefined for a new one. */
  get again(): LoggedBatch | undefined {
    return this.#again[0];
  }

  /** An earlier run came to the end for good behind these batches: what is new is for the next one. */
  get isOver(): boolean {
    return this.#end !== undefined && this.#again.length === 0;
  }

  /** Up to when batches have come, in epoch milliseconds. */
  get to(): number {
    return this.#to ?? Number.NEGATIVE_INFINITY;
  }

  /** A block comes. */
  read({ offsets = {}, n }: Header): void {
    const [entry] = Object.entries(offsets);
    this.#block = entry && { source: entry[0], ...entry[1], n, taken: 0 };
    // Input that held no record is passed over with this batch.
    if (n === 0) this.take(0);
  }

  /** The open batch has taken something, if only input without records. */
  get hasOpen(): boolean {
    return this.#order.length > 0;
  }

  /** The open batch takes so many of the block's records. */
  take(records: number): void {
    const block = this.#block;
    if (!block) return;
    const from = behind(block, block.taken);
    block.taken += records;
    if (this.again) return;
    const until = block.taken === block.n ? block.until : behind(block, block.taken);
    this.#open[block.source] = { from: this.#open[block.source]?.from ?? from, until };
    if (this.#order.at(-1)?.[0] === block.source) this.#order.pop();
    this.#order.push([block.source, until.offset]);
  }

  /** What the last part says. Throws SluiceError('inputOutput') where it cannot be written down. */
  close(batch: ClosedBatch, now: number): Pick<Header, 'offsets' | 'checkpoint'> {
    const again = this.again;
    const offsets: Offsets = again?.offsets ?? this.#open;
    if (again) this.#again = this.#again.slice(1);
    else {
      const isInTurns = this.#order.length > Object.keys(offsets).length;
      this.#log.append({ ...batch, offsets, ...(isInTurns && { order: this.#order }) });
    }
    this.#moveOn(offsets);
    this.#to = batch.to ?? this.#to;
    // The end that is logged behind this batch would be in front of the new file of the log.
    if (this.again || this.#end || now < this.#checkpointAt) return { offsets };
    this.#checkpointAt = now + this.#every;
    return { offsets, checkpoint: this.#checkpoint(batch.batch) };
  }

  /** All batches are closed, the next one would be `next`: nothing of what came is done again after this. */
  end({ header, payload }: Envelope, next: number): Envelope {
    // Input that held no record is passed over.
    this.#moveOn(this.#open);
    if (header.end !== 'ok' && !this.#end)
      return { header: { ...header, ...(next > 0 && { checkpoint: this.#checkpoint(next - 1) }) }, payload };
    // The end has a number as well: stages hold something else behind it than before.
    const batch = this.#end?.batch ?? next;
    if (!this.#end) this.#log.append({ batch, records: 0, offsets: {}, end: true });
    return { header: { ...header, end: 'ok', checkpoint: this.#checkpoint(batch) }, payload };
  }

  #moveOn(offsets: Offsets): void {
    for (const [source, { until }] of Object.entries(offsets)) {
      if (until.gone) delete this.#positions[source];
      else this.#positions[source] = until;
    }
    this.#open = {};
    this.#order = [];
  }

  /** The stream ends within a batch, which the next run makes anew. Throws SluiceError('inputOutput') where that is in vain. */
  breakOff(ending: Envelope): Envelope {
    const { end, reason } = ending.header;
    if (end === 'failed') return ending;
    if (reason === stoppedEarly) return endEnvelope('paused', reason);
    const sources = Object.values(this.again?.offsets ?? {}).map(
      ({ from }) => from.file?.['path'] ?? 'a source',
    );
    throw new SluiceError(
      'inputOutput',
      `batch ${this.again?.batch} is to be made again, and its records are not there any more: ${sources.join(', ')} has become shorter`,
      'put the file back, or begin anew with `sluice state reset`',
    );
  }

  #checkpoint(batch: number): number {
    const to = this.#to !== undefined && { to: this.#to };
    this.#log.checkpoint(batch, { positions: this.#positions, ...to });
    return batch;
  }
}

/** The place behind so many records of a block. */
function behind({ from, until, n }: Pick<Block, 'from' | 'until' | 'n'>, records: number): Position {
  if (records === 0) return from;
  const { offset, skip = 0 } = from;
  // Each record takes one: it has an offset of its own, as messages of Kafka have.
  if (skip === 0 && until.offset - offset === n) return { ...from, offset: offset + records };
  return { ...from, skip: skip + records };
}
