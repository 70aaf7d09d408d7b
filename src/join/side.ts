// The records of one stream that partners may still come for: found by key, let go by time.
import type { Json } from '../envelope/json.ts';
import { Spans } from '../time/spans.ts';
import type { Fields } from './rows.ts';

export type Held = {
  readonly fields: Fields;
  readonly time: number;
  readonly keys: readonly Json[];
  /** The keys as one value, undefined where a record cannot have a partner. */
  readonly identity: Json | undefined;
  hasPartner: boolean;
};

export class Side {
  readonly #within: number;
  readonly #byIdentity = new Map<Json, Held[]>();
  readonly #byTime: Spans<Held>;
  /** Records held. */
  size = 0;

  /** Milliseconds that partners may be apart. */
  constructor(within: number) {
    this.#within = within;
    this.#byTime = new Spans(within);
  }

  add(held: Held): void {
    this.#byTime.add(held);
    this.size += 1;
    if (held.identity === undefined) return;
    const fellows = this.#byIdentity.get(held.identity);
    if (fellows) fellows.push(held);
    else this.#byIdentity.set(held.identity, [held]);
  }

  /** Those that `held`, of the other stream, makes a pair with, in the order they came. */
  *partnersOf({ identity, time }: Held): Generator<Held> {
    if (identity === undefined) return;
    for (const candidate of this.#byIdentity.get(identity) ?? [])
      if (Math.abs(candidate.time - time) <= this.#within) yield candidate;
  }

  /** Lets go of all that are out of reach of whatever happens at `watermark` or behind it, in the order of time. */
  release(watermark: number): Held[] {
    const limit = watermark - this.#within;
    const released = this.#byTime.release(limit);
    this.size -= released.length;
    for (const identity of new Set(released.map((held) => held.identity))) {
      if (identity === undefined) continue;
      const rest = (this.#byIdentity.get(identity) ?? []).filter(({ time }) => time >= limit);
      if (rest.length > 0) this.#byIdentity.set(identity, rest);
      else this.#byIdentity.delete(identity);
    }
    return released;
  }
}
