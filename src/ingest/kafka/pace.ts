// How many messages each partition may hand on by now. What a partition saves up is a second's worth at most, so that a pause is
// not followed by a flood.
import type { RateLimit } from '../rate/limit.ts';
import { PidRateEstimator, type Period } from '../rate/pid.ts';

/** Milliseconds for which a partition saves up, and after which it is looked how the pipeline keeps up. */
export const period = 1000;

/** Times are milliseconds of one clock. */
export class Pace {
  /** Messages a second of a partition at most. */
  readonly #mostRate: number;
  /** Of all of them together. */
  readonly #limit: RateLimit | undefined;
  readonly #estimator = new PidRateEstimator(period);
  readonly #saved = new Map<string, { messages: number; at: number }>();
  /** Messages a second of each partition, once the pipeline is known to be no faster. */
  #rates: ReadonlyMap<string, number> = new Map();

  constructor(mostRate = Number.POSITIVE_INFINITY, limit?: RateLimit) {
    this.#mostRate = mostRate;
    this.#limit = limit;
  }

  #rateOf(key: string): number {
    return Math.min(this.#mostRate, this.#rates.get(key) ?? Number.POSITIVE_INFINITY);
  }

  allowance(key: string, now: number): number {
    return Math.min(this.#allowanceOf(key, now), this.#limit?.allowance(now) ?? Number.POSITIVE_INFINITY);
  }

  #allowanceOf(key: string, now: number): number {
    const perMillisecond = this.#rateOf(key) / 1000;
    if (perMillisecond === Number.POSITIVE_INFINITY) return perMillisecond;
    const { messages, at } = this.#saved.get(key) ?? { messages: 1, at: now };
    const most = Math.max(1, perMillisecond * period);
    const saved = Math.min(messages + (now - at) * perMillisecond, most);
    this.#saved.set(key, { messages: saved, at: now });
    return saved;
  }

  spend(key: string, messages: number): void {
    const saved = this.#saved.get(key);
    if (saved) saved.messages -= messages;
    this.#limit?.spend(messages);
  }

  /** When it may hand something on: a tenth of a second's worth at once, since pieces of some messages each would slow it down. */
  nextTurn(key: string, now: number): number {
    const rate = this.#rateOf(key);
    const missing = Math.max(1, rate / 10) - this.#allowanceOf(key, now);
    const own = rate === Number.POSITIVE_INFINITY || missing <= 0 ? now : now + (missing / rate) * 1000;
    return Math.max(own, this.#limit?.nextTurn(now) ?? now);
  }

  /** A period is over: what the pipeline can take is divided among the partitions by what they have still to come. */
  measure(measured: Period, lags: ReadonlyMap<string, number>): void {
    const rate = this.#estimator.update(measured);
    const total = [...lags.values()].reduce((sum, lag) => sum + lag, 0);
    if (rate === undefined || total === 0) return;
    this.#rates = new Map(Array.from(lags, ([key, lag]) => [key, Math.max(1, (rate * lag) / total)]));
  }
}
