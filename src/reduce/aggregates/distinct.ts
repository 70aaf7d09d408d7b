// distinct: how many different values, counted exactly; each value is kept.
import { detached, identityOf, valueOf, type Identity } from '../../record/identity.ts';
import { ofField, type Aggregate } from './aggregate.ts';
import { compareValues } from './compare.ts';

const distinct: Aggregate<Set<Identity>> = {
  name: 'distinct',
  takes: 'anything',
  init: () => new Set(),
  add(state, value) {
    const identity = identityOf(value);
    return state.has(identity) ? state : state.add(detached(identity));
  },
  merge(state, other) {
    for (const identity of other) state.add(identity);
    return state;
  },
  result: (state) => state.size,
  encode: (state) => Array.from(state, valueOf).toSorted(compareValues),
  decode: (json) => (Array.isArray(json) ? new Set(json.map(identityOf)) : undefined),
};

export const distinctKind = ofField(
  distinct,
  'number of different values, exact; all of them are kept in memory',
  'distinct(user)',
);
