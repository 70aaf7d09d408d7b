// How far a stream has come in event time: Spark's watermark, to the letter.

/** Epoch milliseconds; -Infinity before there is a watermark, which keeps everything and drops nothing. */
export class EventClock {
  readonly #lateness: number;
  #newest = Number.NEGATIVE_INFINITY;
  #watermark = Number.NEGATIVE_INFINITY;

  /** Milliseconds. */
  constructor(lateness: number) {
    this.#lateness = lateness;
  }

  /** Up to which the stream is complete, as far as the batches before this one tell. */
  get watermark(): number {
    return this.#watermark;
  }

  /** A record of the open batch happened at `time`. */
  observe(time: number): void {
    if (time > this.#newest) this.#newest = time;
  }

  /** The open batch is over: what it held counts from the next one on. */
  closeBatch(): void {
    this.#watermark = Math.max(this.#watermark, this.#newest - this.#lateness);
  }

  /** The stream is over, and so complete. */
  end(): void {
    this.#watermark = Number.POSITIVE_INFINITY;
  }
}
