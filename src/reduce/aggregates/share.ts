// share(CONDITION): how many of the records fit, from 0 to 1; an error rate, for one.
import type { Aggregate, AggregateKind } from './aggregate.ts';
import { asCount } from './count.ts';

type Share = { fitting: number; count: number };

/** Its values are true and false. No fromResult: a share without its count cannot be merged. */
const share: Aggregate<Share> = {
  name: 'share',
  takes: 'anything',
  init: () => ({ fitting: 0, count: 0 }),
  add(state, value) {
    if (value === true) state.fitting += 1;
    state.count += 1;
    return state;
  },
  merge(state, other) {
    state.fitting += other.fitting;
    state.count += other.count;
    return state;
  },
  subtract(state, other) {
    state.fitting -= other.fitting;
    state.count -= other.count;
    return state;
  },
  result: ({ fitting, count }) => (count === 0 ? null : fitting / count),
  encode: ({ fitting, count }) => [fitting, count],
  decode(json) {
    if (!Array.isArray(json) || json.length !== 2) return undefined;
    const [fitting, count] = json.map(asCount);
    const isShare = fitting !== undefined && count !== undefined && fitting <= count;
    return isShare ? { fitting, count } : undefined;
  },
};

export const shareKind: AggregateKind = {
  name: 'share',
  usage: 'share(CONDITION)',
  example: "'share(status>=500)'",
  summary: 'share of the records that fit a condition, from 0 to 1; null where there is no record',
  call: (argument) => (argument === undefined ? undefined : { aggregate: share, test: argument }),
};
