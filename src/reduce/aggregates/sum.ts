import { ofField, type Aggregate } from './aggregate.ts';
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

export const sum: Aggregate<Total> = {
  name: 'sum',
  takes: 'number',
  init: () => ({ sum: 0, compensation: 0 }),
  add(state, value) {
    addTo(state, Number(value));
    return state;
  },
  merge(state, other) {
    mergeTotals(state, other);
    return state;
  },
  subtract: (state, other) => (subtractTotal(state, other) ? state : undefined),
  result: totalOf,
  encode: encodeTotal,
  decode: decodeTotal,
  fromResult: (json) =>
    typeof json === 'number' || typeof json === 'bigint' ? { sum: Number(json), compensation: 0 } : undefined,
  caveat: caveatOf,
};

export const sumKind = ofField(sum, 'sum; 0 where no record has a value');
