// collect: the values themselves, in the order of the stream.
import type { Json } from '../../envelope/json.ts';
import { detached } from '../../record/identity.ts';
import type { Aggregate, AggregateKind } from './aggregate.ts';
import { asCount } from './count.ts';

type Collected = { values: Json[]; left: number };

/** As many as are kept where nobody says: a row must not grow without bound. */
const usualLimit = 1000;

function collect(limit: number, isAsked: boolean): Aggregate<Collected> {
  const take = (state: Collected, values: readonly Json[], left: number): Collected => {
    const room = limit - state.values.length;
    for (const value of values.slice(0, room)) state.values.push(detached(value));
    state.left += left + Math.max(0, values.length - room);
    return state;
  };
  return {
    name: 'collect',
    takes: 'anything',
    init: () => ({ values: [], left: 0 }),
    add(state, value) {
      if (state.values.length < limit) state.values.push(detached(value));
      else state.left += 1;
      return state;
    },
    merge: (state, other) => take(state, other.values, other.left),
    result: (state) => [...state.values],
    encode: (state) => [state.values, state.left],
    decode(json) {
      if (!Array.isArray(json) || json.length !== 2) return undefined;
      const [values, left] = [json[0], asCount(json[1])];
      return Array.isArray(values) && left !== undefined && values.length <= limit
        ? { values, left }
        : undefined;
    },
    fromResult: (json) => (Array.isArray(json) ? take({ values: [], left: 0 }, json, 0) : undefined),
    caveat: ({ left }) =>
      left > 0 && !isAsked
        ? `left values out: it keeps the first ${limit} of a row; collect(FIELD, N) keeps N`
        : undefined,
  };
}

export const collectKind: AggregateKind = {
  name: 'collect',
  usage: 'collect(FIELD), collect(FIELD, LIMIT)',
  example: 'collect(path) or collect(path, 10)',
  summary: `list of the first LIMIT values in the order of the stream (${usualLimit} unless told, with a warning where there were more)`,
  call(argument) {
    const [, fieldName, limit] = /^(.+?)(?:,\s*(\d+))?$/.exec(argument ?? '') ?? [];
    if (fieldName === undefined || Number(limit) === 0) return undefined;
    return { aggregate: collect(Number(limit ?? usualLimit), limit !== undefined), fieldName };
  },
};
