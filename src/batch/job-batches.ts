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
import type { Read } from './read-ranges.ts';

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

  /** What the last part says, `read` being what the batch was read from. Throws SluiceError('inputOutput') where it cannot be written down. */
  close(batch: ClosedBatch, read: Read, now: number): Pick<Header, 'offsets' | 'checkpoint'> {
    const again = this.again;
    const offsets: Offsets = again?.offsets ?? read.offsets;
    if (again) this.#again = this.#again.slice(1);
    else this.#log.append({ ...batch, ...read });
    this.#moveOn(offsets);
    this.#to = batch.to ?? this.#to;
    // The end that is logged behind this batch would be in front of the new file of the log.
    if (this.again || this.#end || now < this.#checkpointAt) return { offsets };
    this.#checkpointAt = now + this.#every;
    return { offsets, checkpoint: this.#checkpoint(batch.batch) };
  }

  /** All batches are closed, the next one would be `next`: nothing of what came is done again after this. */
  end({ header, payload }: Envelope, { offsets }: Read, next: number): Envelope {
    // Input that held no record is passed over.
    this.#moveOn(offsets);
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
