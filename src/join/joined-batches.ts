// Joined records → batches, under the numbers and intervals of the left stream's batches.
import type { Json } from '../envelope/json.ts';
import { formatVersion, type Envelope, type Header } from '../envelope/envelope.ts';

/** Number and interval of a batch. */
type Place = { readonly batch: number; readonly from?: number; readonly to?: number };

export class JoinedBatches {
  readonly #partSize: number;
  #records: string[] = [];
  #length = 0;
  #part = 0;
  /** The batch that records go into, undefined between two. */
  #open: Place | undefined;
  #closed: Place | undefined;

  constructor(partSize: number) {
    this.#partSize = partSize;
  }

  /** What is added from now on is of this batch. Those of the right stream, behind the end of the left, are numbered on. */
  open({ batch = 0, from, to }: Header, isLeft: boolean): void {
    const number = isLeft || !this.#closed ? batch : this.#closed.batch + 1;
    this.#open = { batch: number, ...(from !== undefined && to !== undefined && { from, to }) };
  }

  /** `record` is JSON text. Yields the part that it does not fit in any more. */
  *add(record: string): Generator<Envelope> {
    if (this.#length > 0 && this.#length + record.length > this.#partSize) yield this.#take(false);
    this.#records.push(record);
    this.#length += record.length + 1;
  }

  get isUnfinished(): boolean {
    return this.#part > 0 || this.#length > 0;
  }

  /** Between two batches. */
  snapshot(): Json {
    return this.#closed ? { ...this.#closed } : null;
  }

  restore(snapshot: Json): void {
    this.#closed = snapshot === null ? undefined : (snapshot as unknown as Place);
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
    const header = {
      v: formatVersion,
      batch,
      part: this.#part++,
      last,
      n: this.#records.length,
      ...interval,
    };
    const payload = Buffer.from(this.#records.join(','));
    this.#records = [];
    this.#length = 0;
    return { header, payload };
  }
}

/** The batch behind the last one, for what comes out at the end. */
function following(last: Place | undefined): Place {
  if (!last) return { batch: 0 };
  const { batch, from, to } = last;
  if (from === undefined || to === undefined) return { batch: batch + 1 };
  return { batch: batch + 1, from: to, to: to + (to - from) };
}
