import type { Aggregate } from './aggregate.ts';
import { addTo, totalOf, type Total } from './total.ts';

export const sum: Aggregate<Total> = {
  name: 'sum',
  summary: 'sum of a field; 0 where no record has a value',
  argument: 'number',
  init: () => ({ sum: 0, compensation: 0 }),
  add(state, value) {
    addTo(state, Number(value));
    return state;
  },
  merge(state, other) {
    addTo(state, other.sum);
    addTo(state, other.compensation);
    return state;
  },
  result: totalOf,
  encode: (state) => [state.sum, state.compensation],
  decode(json) {
    if (!Array.isArray(json) || json.length !== 2) return undefined;
    const [total, compensation] = json;
    return typeof total === 'number' && typeof compensation === 'number'
      ? { sum: total, compensation }
      : undefined;
  },
  fromResult: (json) =>
    typeof json === 'number' || typeof json === 'bigint' ? { sum: Number(json), compensation: 0 } : undefined,
};
