// Joined records → batches, under the numbers and intervals of the left stream's batches.
import { formatVersion, type Envelope, type Header } from '../envelope/envelope.ts';
import { PartBuilder } from '../envelope/parts.ts';

/** Number and interval of a batch. */
type Place = { readonly batch: number; readonly from?: number; readonly to?: number };

export class JoinedBatches {
  readonly #records: PartBuilder;
  #part = 0;
  /** The batch that records go into, undefined between two. */
  #open: Place | undefined;
  #closed: Place | undefined;

  constructor(partSize: number) {
    this.#records = new PartBuilder(partSize);
  }

  /** What is added from now on is of this batch. Those of the right stream, behind the end of the left, are numbered on. */
  open({ batch = 0, from, to }: Header, isLeft: boolean): void {
    const number = isLeft || !this.#closed ? batch : this.#closed.batch + 1;
    this.#open = { batch: number, ...(from !== undefined && to !== undefined && { from, to }) };
  }

  /** `record` is JSON text. Yields the part that it does not fit in any more. */
  *add(record: string): Generator<Envelope> {
    const payload = Buffer.from(record);
    if (this.#records.isFullFor(payload)) yield this.#take(false);
    this.#records.add(payload, 1);
  }

  get isUnfinished(): boolean {
    return this.#part > 0 || this.#records.count > 0;
  }

  close(): Envelope {
    const envelope = this.#take(true);
    this.#closed = this.#open;
    this.#open = undefined;
    this.#part = 0;
    return envelope;
  }

  #take(last: boolean): Envelope {
    this.#open ??= following(this.#closed);
    const { batch, ...interval } = this.#open;
    return this.#records.take({ v: formatVersion, batch, part: this.#part++, last, ...interval });
  }
}

/** The batch behind the last one, for what comes out at the end. */
function following(last: Place | undefined): Place {
  if (!last) return { batch: 0 };
  const { batch, from, to } = last;
  if (from === undefined || to === undefined) return { batch: batch + 1 };
  return { batch: batch + 1, from: to, to: to + (to - from) };
}
