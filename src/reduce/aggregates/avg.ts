import type { Aggregate } from './aggregate.ts';
import { sum } from './sum.ts';
import { totalOf, type Total } from './total.ts';

type Average = { total: Total; count: number };

/** No fromResult: a mean without its count cannot be merged. */
export const avg: Aggregate<Average> = {
  name: 'avg',
  summary: 'mean of a field; null where no record has a value',
  argument: 'number',
  init: () => ({ total: sum.init(), count: 0 }),
  add(state, value) {
    sum.add(state.total, value);
    state.count += 1;
    return state;
  },
  merge(state, other) {
    sum.merge(state.total, other.total);
    state.count += other.count;
    return state;
  },
  result: (state) => (state.count === 0 ? null : totalOf(state.total) / state.count),
  encode: (state) => [sum.encode(state.total), state.count],
  decode(json) {
    if (!Array.isArray(json) || json.length !== 2) return undefined;
    const total = sum.decode(json[0] ?? null);
    return total && typeof json[1] === 'number' ? { total, count: json[1] } : undefined;
  },
};
