// --max-rate: a bucket that fills at a steady rate, and whoever hands records on takes them out of. It holds a tenth of a
// second's worth, so that a pause is not followed by a flood, and is asked for a fiftieth at once, so that many records a second are
// not one by one.

export class RateLimit {
  readonly #perMillisecond: number;
  /** More than this never comes at once. */
  readonly burst: number;
  readonly #turn: number;
  #saved: number;
  #at: number | undefined;

  /** Records a second. */
  constructor(rate: number) {
    this.#perMillisecond = rate / 1000;
    this.burst = Math.max(1, rate / 10);
    this.#turn = Math.max(1, rate / 50);
    this.#saved = this.#turn;
  }

  /** How many records may go; `now` is milliseconds of any clock that does not go back. */
  allowance(now: number): number {
    const since = now - (this.#at ?? now);
    this.#saved = Math.min(this.burst, this.#saved + since * this.#perMillisecond);
    this.#at = now;
    return this.#saved;
  }

  /** They have gone. Of what could not be cut it may be more than the allowance: that is waited for afterwards. */
  spend(records: number): void {
    this.#saved -= records;
  }

  /** When the next ones may go. */
  nextTurn(now: number): number {
    const missing = this.#turn - this.allowance(now);
    return missing <= 0 ? now : now + missing / this.#perMillisecond;
  }
}
