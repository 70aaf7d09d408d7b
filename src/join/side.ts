// The records of one stream that partners may still come for: found by key, let go by time.
import type { Json } from '../envelope/json.ts';
import { Spans } from '../time/spans.ts';
import { identityOf } from './key.ts';
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
  /** As they came. */
  readonly #held = new Set<Held>();

  /** Milliseconds that partners may be apart. */
  constructor(within: number) {
    this.#within = within;
    this.#byTime = new Spans(within);
  }

  /** Records held. */
  get size(): number {
    return this.#held.size;
  }

  add(held: Held): void {
    this.#byTime.add(held);
    this.#held.add(held);
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
    for (const held of released) this.#held.delete(held);
    for (const identity of new Set(released.map((held) => held.identity))) {
      if (identity === undefined) continue;
      const rest = (this.#byIdentity.get(identity) ?? []).filter(({ time }) => time >= limit);
      if (rest.length > 0) this.#byIdentity.set(identity, rest);
      else this.#byIdentity.delete(identity);
    }
    return released;
  }

  snapshot(): Json {
    return Array.from(this.#held, ({ fields: { text, names }, time, keys, hasPartner }) => ({
      fields: { text, names: [...names] },
      time,
      keys: [...keys],
      hasPartner,
    }));
  }

  restore(snapshot: Json): void {
    for (const held of snapshot as unknown as Omit<Held, 'identity'>[])
      this.add({ ...held, identity: identityOf(held.keys) });
  }
}
