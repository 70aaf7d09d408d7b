// Hot path. The most frequent keys of a stream in bounded space: Space-Saving (Metwally, Agrawal, El Abbadi 2005). Of so many keys
// each has a counter; a new one takes over the least of them, with its count as what it may be too high by.
import type { Identity } from '../../record/identity.ts';

type Counter = { count: number; tooHigh: number };

/** Enough to tell every key that has more than a sixty-fourth of all records. */
const mostCounters = 64;

export class HotKeys {
  /** Those that came last are last: mostly the least is among the first. */
  readonly #counters = new Map<Identity, Counter>();
  /** No counter is lower. */
  #floor = 0;
  /** Records so far. */
  total = 0;

  /** Counts a record of this key; returns how many of it there were at least. */
  add(key: Identity): number {
    this.total += 1;
    const known = this.#counters.get(key);
    if (known) {
      known.count += 1;
      return known.count - known.tooHigh;
    }
    if (this.#counters.size < mostCounters) {
      this.#counters.set(key, { count: 1, tooHigh: 0 });
      return 1;
    }
    const [least, { count }] = this.#least();
    this.#counters.delete(least);
    this.#counters.set(key, { count: count + 1, tooHigh: count });
    return 1;
  }

  /** Keys that have at least this part of all records, the most frequent first, with that part as it is known for sure. */
  above(share: number): { readonly key: Identity; readonly share: number }[] {
    return Array.from(this.#counters, ([key, { count, tooHigh }]) => ({
      key,
      share: (count - tooHigh) / this.total,
    }))
      .filter((hot) => hot.share >= share)
      .toSorted((one, other) => other.share - one.share);
  }

  #least(): [Identity, Counter] {
    let least: [Identity, Counter] | undefined;
    for (const entry of this.#counters) {
      if (!least || entry[1].count < least[1].count) least = entry;
      if (least[1].count === this.#floor) return least;
    }
    const found = least as [Identity, Counter];
    this.#floor = found[1].count;
    return found;
  }
}
