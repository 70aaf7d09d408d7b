// top: the most frequent values, and mode, the first of them.
import { SluiceError } from '../../errors.ts';
import type { Json } from '../../envelope/json.ts';
import { ofField, type Aggregate, type AggregateKind } from './aggregate.ts';
import {
  countValue,
  decodeCounters,
  encodeCounters,
  exactUpTo,
  mergeCounters,
  newCounters,
  ranked,
  type Counters,
} from './counters.ts';

/** No fromResult: what is not among the first here may be so when others are added. */
function frequent(name: string, result: (state: Counters) => Json): Aggregate<Counters> {
  return {
    name,
    takes: 'anything',
    init: newCounters,
    add(state, value) {
      countValue(state, value);
      return state;
    },
    merge(state, other) {
      mergeCounters(state, other);
      return state;
    },
    result,
    encode: encodeCounters,
    decode: decodeCounters,
  };
}

function top(number: number): Aggregate<Counters> {
  return frequent('top', (state) =>
    ranked(state)
      .slice(0, number)
      .map(({ value, count, error }) => (error > 0 ? { value, count, error } : { value, count })),
  );
}

const mode = frequent('mode', (state) => ranked(state)[0]?.value ?? null);

const mostShown = 1000;

export const topKind: AggregateKind = {
  name: 'top',
  usage: 'top(N, FIELD)',
  example: 'top(10, path)',
  summary: `list of {value, count} of the N most frequent values; exact up to ${exactUpTo} different ones, beyond that with the error by which a count may be too high, at most a thousandth of the records`,
  call(argument) {
    const [, number, fieldName] = /^\s*(\d+)\s*,\s*(.+)$/.exec(argument ?? '') ?? [];
    if (number === undefined || fieldName === undefined) return undefined;
    if (Number(number) < 1 || Number(number) > mostShown)
      throw new SluiceError(
        'usage',
        `top shows 1 to ${mostShown} values, not ${number}`,
        'write it like top(10, path)',
      );
    return { aggregate: top(Number(number)), fieldName };
  },
};

export const modeKind = ofField(
  mode,
  'the most frequent value, of several the first in order; found as top finds it',
  'mode(status)',
);
