// How often each value occurs, in bounded space: Space-Saving (Metwally et al., 2005), which evicts in bulk. Up to
// `exactUpTo` different values all counts are exact and nothing depends on the order. Beyond that the `kept` largest
// stay, and a value that comes anew starts at the largest count that was evicted, since it may have had as much: a count
// is too high by its `error` at the most, and that is at most a `kept`-th of all records.
import type { Json } from '../../envelope/json.ts';
import { detached, identityOf, valueOf, type Identity } from '../../record/identity.ts';
import { compareValues } from './compare.ts';
import { asCount } from './count.ts';

export const exactUpTo = 2000;
const kept = 1000;

type Counter = { count: number; error: number };
export type Counters = {
  readonly counters: Map<Identity, Counter>;
  /** What is not here may have been counted as often. */
  floor: number;
};

export function newCounters(): Counters {
  return { counters: new Map(), floor: 0 };
}

export function countValue(state: Counters, value: Json): void {
  const identity = identityOf(value);
  const counter = state.counters.get(identity);
  if (counter) {
    counter.count += 1;
    return;
  }
  state.counters.set(detached(identity), { count: state.floor + 1, error: state.floor });
  evict(state);
}

export function mergeCounters(state: Counters, other: Counters): void {
  // What only one of them has may have been counted in the other as often as what was evicted there.
  for (const [identity, counter] of state.counters) {
    if (other.counters.has(identity)) continue;
    counter.count += other.floor;
    counter.error += other.floor;
  }
  for (const [identity, { count, error }] of other.counters) {
    const counter = state.counters.get(identity);
    if (counter) {
      counter.count += count;
      counter.error += error;
    } else state.counters.set(identity, { count: count + state.floor, error: error + state.floor });
  }
  state.floor += other.floor;
  evict(state);
}

function evict(state: Counters): void {
  if (state.counters.size <= exactUpTo) return;
  for (const { value, count } of ranked(state).slice(kept)) {
    state.floor = Math.max(state.floor, count);
    state.counters.delete(identityOf(value));
  }
}

export type Ranked = Counter & { readonly value: Json };

/** Most frequent first; of those as frequent the first in the order of values. */
export function ranked({ counters }: Counters): Ranked[] {
  const all = Array.from(counters, ([identity, counter]) => ({ value: valueOf(identity), ...counter }));
  return all.toSorted((one, other) => other.count - one.count || compareValues(one.value, other.value));
}

/** `[floor, [value, count, error], …]` */
export function encodeCounters(state: Counters): Json {
  const entries = ranked(state).map(({ value, count, error }) => [value, count, error]);
  return [state.floor, ...entries];
}

export function decodeCounters(json: Json): Counters | undefined {
  const [floor, ...entries] = Array.isArray(json) ? json : [];
  if (asCount(floor) === undefined || entries.length > exactUpTo) return undefined;
  const counters = new Map<Identity, Counter>();
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 3) return undefined;
    const [value = null, count, error] = entry;
    const counter = { count: asCount(count) ?? 0, error: asCount(error) ?? Infinity };
    if (counter.error >= counter.count) return undefined;
    counters.set(identityOf(value), counter);
  }
  return { counters, floor: Number(floor) };
}
