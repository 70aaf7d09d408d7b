import { ofField, type Aggregate } from './aggregate.ts';
import {
  addValue,
  decodeHyperLogLog,
  encodeHyperLogLog,
  estimate,
  exactUpTo,
  mergeHyperLogLogs,
  newHyperLogLog,
  type HyperLogLog,
} from './hyperloglog.ts';

const approximateDistinct: Aggregate<HyperLogLog> = {
  name: '~distinct',
  takes: 'anything',
  init: newHyperLogLog,
  add(state, value) {
    addValue(state, value);
    return state;
  },
  merge(state, other) {
    mergeHyperLogLogs(state, other);
    return state;
  },
  result: estimate,
  encode: encodeHyperLogLog,
  decode: decodeHyperLogLog,
};

export const approximateDistinctKind = ofField(
  approximateDistinct,
  `the same in at most 16 KiB a row: exact up to ${exactUpTo} values, beyond that with a standard error of 0.8 %`,
  '~distinct(user)',
);
