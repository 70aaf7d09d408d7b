import { ofField, type Aggregate } from './aggregate.ts';
import { asCount } from './count.ts';
import {
  addTo,
  caveatOf,
  decodeTotal,
  encodeTotal,
  mergeTotals,
  subtractTotal,
  totalOf,
  type Total,
} from './total.ts';

type Average = { total: Total; count: number };

/** No fromResult: a mean without its count cannot be merged. */
const avg: Aggregate<Average> = {
  name: 'avg',
  takes: 'number',
  init: () => ({ total: { sum: 0, compensation: 0 }, count: 0 }),
  add(state, value) {
    addTo(state.total, Number(value));
    state.count += 1;
    return state;
  },
  merge(state, other) {
    mergeTotals(state.total, other.total);
    state.count += other.count;
    return state;
  },
  subtract(state, other) {
    if (!subtractTotal(state.total, other.total)) return undefined;
    state.count -= other.count;
    return state;
  },
  result: (state) => (state.count === 0 ? null : totalOf(state.total) / state.count),
  encode: (state) => [encodeTotal(state.total), state.count],
  decode(json) {
    if (!Array.isArray(json) || json.length !== 2) return undefined;
    const [total, count] = [decodeTotal(json[0]), asCount(json[1])];
    return total && count !== undefined ? { total, count } : undefined;
  },
  caveat: (state) => caveatOf(state.total),
};

export const avgKind = ofField(avg, 'mean; null where no record has a value', 'avg(ms)');
