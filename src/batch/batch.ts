// Blocks → batches. Payloads pass through as bytes; only where a batch ends inside a block are they looked at.
import { formatVersion, type Envelope, type Header, type Job } from '../envelope/envelope.ts';
import { PartBuilder } from '../envelope/parts.ts';
import { recordEnds } from '../envelope/records.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import type { JobBatches } from './job-batches.ts';
import { fits, type BatchPolicy } from './policy.ts';
import { ReadRanges } from './read-ranges.ts';

export class BatchCore implements Core {
  /** Only here is it known which batches are complete. */
  readonly takesEveryEnd = true;
  readonly #policy: BatchPolicy;
  readonly #held: PartBuilder;
  readonly #ranges = new ReadRanges();
  readonly #partSize: number;
  readonly #openJob: ((job: Job) => Promise<JobBatches>) | undefined;
  #job: JobBatches | undefined;
  #batch = 0;
  /** Something has come: before that, nobody knows whether the stream is of a job, whose batches have other numbers. */
  #hasBegun = false;
  /** The first batch of this run. */
  #isFirst = true;
  #part = 0;
  /** What the open batch holds, parts that left included. */
  #records = 0;
  #bytes = 0;
  /** Start of the open batch's interval; never moves back, whatever the clock does. */
  #from = 0;

  /** `openJob` is asked where the stream is of a job that keeps state. */
  constructor(
    policy: BatchPolicy,
    partSize: number,
    startedAt: number,
    openJob?: (job: Job) => Promise<JobBatches>,
  ) {
    this.#policy = policy;
    this.#partSize = partSize;
    this.#openJob = openJob;
    this.#held = new PartBuilder(partSize);
    if (policy.by === 'interval') this.#from = startedAt - (startedAt % policy.milliseconds);
  }

  /** Intervals that went by while nothing ran are passed over: whoever needs them knows them by the gap. */
  async attach(job: Job): Promise<void> {
    const batches = await this.#openJob?.(job);
    this.#hasBegun = true;
    if (!batches) return;
    this.#job = batches;
    this.#batch = batches.first;
    this.#from = Math.max(this.#from, batches.to);
  }

  *accept({ header, payload }: Envelope, now: number): Generator<Envelope> {
    if (header.reduced || header.pane) {
      throw new SluiceError(
        'usage',
        'these records are batched already',
        '`batch` comes right behind `ingest`, before `reduce` and `window`',
      );
    }
    yield* this.heartbeat(now);
    yield* this.#repeatEmpty(now);
    this.#ranges.read(header);
    let rest = payload;
    let count = header.n;
    while (count > 0 && !this.#job?.isOver) {
      const held = { records: this.#records, bytes: this.#bytes };
      const { records, end } = fits(this.#currentPolicy, held, rest, count);
      yield* this.#add(rest.subarray(0, end), records);
      // Where nothing fitted, nothing was taken: there is no comma to step over.
      if (records > 0) rest = rest.subarray(end + 1);
      count -= records;
      if (count > 0 || this.#isFull()) {
        yield this.#close(now);
        yield* this.#repeatEmpty(now);
      }
    }
    const mayFlush =
      header.flush && this.#policy.by !== 'interval' && !this.#job?.again && !this.#job?.isOver;
    if (mayFlush && (this.#records > 0 || this.#ranges.hasOpen)) yield this.#close(now);
  }

  /** Intervals that went by before the stream began are closed first. */
  *heartbeat(now: number): Generator<Envelope> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    yield* this.tick(now);
  }

  *end(ending: Envelope, now: number): Generator<Envelope> {
    yield* this.#repeatEmpty(now);
    const job = this.#job;
    if (job && (job.again || ending.header.end === 'failed')) return yield job.breakOff(ending);
    // A stream that failed before its first record is not an input without records: no report of 0 for a missing file.
    const isEmpty = this.#isFirst && this.#part === 0 && ending.header.end !== 'failed';
    const isOpen =
      this.#records > 0 || (isEmpty && this.#policy.by !== 'records' && this.#policy.by !== 'bytes');
    if (isOpen && !job?.isOver) yield this.#close(now);
    yield job ? job.end(ending, this.#ranges.close(), this.#batch) : ending;
  }

  deadline(): number | undefined {
    if (!this.#hasBegun) return undefined;
    const again = this.#job?.again;
    if (again) return again.records === 0 ? 0 : undefined;
    return this.#policy.by === 'interval' ? this.#from + this.#policy.milliseconds : undefined;
  }

  *tick(now: number): Generator<Envelope> {
    for (let due = this.deadline(); due !== undefined && due <= now; due = this.deadline())
      yield this.#close(now);
  }

  /** A batch that is made again holds as many records as before. */
  get #currentPolicy(): BatchPolicy {
    const again = this.#job?.again;
    return again ? { by: 'records', limit: again.records } : this.#policy;
  }

  /** Batches that had no records need none to be made again. */
  *#repeatEmpty(now: number): Generator<Envelope> {
    while (this.#job?.again?.records === 0) yield this.#close(now);
  }

  *#add(payload: Buffer, records: number): Generator<Envelope> {
    if (records === 0) return;
    for (const piece of piecesOf(payload, records, this.#partSize)) {
      if (this.#held.isFullFor(piece.payload)) yield this.#takePart(false);
      this.#held.add(piece.payload, piece.count);
    }
    this.#records += records;
    this.#bytes += payload.length + 1;
    this.#ranges.take(records);
  }

  #isFull(): boolean {
    const policy = this.#currentPolicy;
    return policy.by === 'records' && this.#records >= policy.limit;
  }

  #close(now: number): Envelope {
    const interval = this.#interval();
    const { header, payload } = this.#takePart(true);
    const read = this.#ranges.close();
    const marks = this.#job
      ? this.#job.close({ batch: this.#batch, records: this.#records, ...interval }, read, now)
      : Object.keys(read.offsets).length > 0 && { offsets: read.offsets };
    this.#from = Math.max(this.#from, interval.to ?? 0);
    this.#batch += 1;
    this.#isFirst = false;
    this.#part = 0;
    this.#records = 0;
    this.#bytes = 0;
    return { header: { ...header, ...marks }, payload };
  }

  #takePart(last: boolean): Envelope {
    const header: Omit<Header, 'n'> = {
      v: formatVersion,
      batch: this.#batch,
      part: this.#part,
      last,
      ...this.#interval(),
    };
    this.#part += 1;
    return this.#held.take(header);
  }

  #interval(): Pick<Header, 'from' | 'to'> {
    const again = this.#job?.again;
    if (again)
      return again.from === undefined || again.to === undefined ? {} : { from: again.from, to: again.to };
    if (this.#policy.by !== 'interval') return {};
    return { from: this.#from, to: this.#from + this.#policy.milliseconds };
  }
}

/** Blocks are seldom larger than a part; one that is gets cut between its records. */
function* piecesOf(
  payload: Buffer,
  count: number,
  size: number,
): Generator<{ payload: Buffer; count: number }> {
  if (payload.length <= size) return yield { payload, count };
  let start = 0;
  let end = 0;
  let held = 0;
  for (const recordEnd of recordEnds(payload)) {
    if (held > 0 && recordEnd - start > size) {
      yield { payload: payload.subarray(start, end), count: held };
      start = end + 1;
      held = 0;
    }
    end = recordEnd;
    held += 1;
  }
  yield { payload: payload.subarray(start, end), count: held };
}
