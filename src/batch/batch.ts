// Blocks → batches. Payloads pass through as bytes; only where a batch ends inside a block are they looked at.
import { formatVersion, type Envelope, type Header } from '../envelope/envelope.ts';
import { PartBuilder } from '../envelope/parts.ts';
import { recordEnds } from '../envelope/records.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import { fits, type BatchPolicy } from './policy.ts';

export class BatchCore implements Core {
  readonly #policy: BatchPolicy;
  readonly #held: PartBuilder;
  readonly #partSize: number;
  #batch = 0;
  #part = 0;
  /** What the open batch holds, parts that left included. */
  #records = 0;
  #bytes = 0;
  /** Start of the open batch's interval; never moves back, whatever the clock does. */
  #from = 0;

  constructor(policy: BatchPolicy, partSize: number, startedAt: number) {
    this.#policy = policy;
    this.#held = new PartBuilder(partSize);
    this.#partSize = partSize;
    if (policy.by === 'interval') this.#from = startedAt - (startedAt % policy.milliseconds);
  }

  *accept({ header, payload }: Envelope): Generator<Envelope> {
    if (header.reduced || header.pane) {
      throw new SluiceError(
        'usage',
        'these records are batched already',
        '`batch` comes right behind `ingest`, before `reduce` and `window`',
      );
    }
    let rest = payload;
    let count = header.n;
    while (count > 0) {
      const { records, end } = fits(
        this.#policy,
        { records: this.#records, bytes: this.#bytes },
        rest,
        count,
      );
      yield* this.#add(rest.subarray(0, end), records);
      // Where nothing fitted, nothing was taken: there is no comma to step over.
      if (records > 0) rest = rest.subarray(end + 1);
      count -= records;
      if (count > 0 || this.#isFull()) yield this.#close();
    }
  }

  *end(ending: Envelope): Generator<Envelope> {
    const isFirst = this.#batch === 0 && this.#part === 0;
    // A stream that failed before its first record is not an input without records: no report of 0 for a missing file.
    const isEmpty = isFirst && ending.header.end === 'ok';
    const isOpen =
      this.#records > 0 || (isEmpty && this.#policy.by !== 'records' && this.#policy.by !== 'bytes');
    if (isOpen) yield this.#close();
    yield ending;
  }

  deadline(): number | undefined {
    return this.#policy.by === 'interval' ? this.#from + this.#policy.milliseconds : undefined;
  }

  *tick(now: number): Generator<Envelope> {
    for (let due = this.deadline(); due !== undefined && due <= now; due = this.deadline())
      yield this.#close();
  }

  *#add(payload: Buffer, records: number): Generator<Envelope> {
    if (records === 0) return;
    for (const piece of piecesOf(payload, records, this.#partSize)) {
      if (this.#held.isFullFor(piece.payload)) yield this.#takePart(false);
      this.#held.add(piece.payload, piece.count);
    }
    this.#records += records;
    this.#bytes += payload.length + 1;
  }

  #isFull(): boolean {
    return this.#policy.by === 'records' && this.#records >= this.#policy.limit;
  }

  #close(): Envelope {
    const envelope = this.#takePart(true);
    this.#batch += 1;
    this.#part = 0;
    this.#records = 0;
    this.#bytes = 0;
    if (this.#policy.by === 'interval') this.#from += this.#policy.milliseconds;
    return envelope;
  }

  #takePart(last: boolean): Envelope {
    const header: Omit<Header, 'n'> = { v: formatVersion, batch: this.#batch, part: this.#part, last };
    if (this.#policy.by === 'interval') {
      header.from = this.#from;
      header.to = this.#from + this.#policy.milliseconds;
    }
    this.#part += 1;
    return this.#held.take(header);
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
