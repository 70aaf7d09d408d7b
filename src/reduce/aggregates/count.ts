import { isCondition } from '../../record/condition.ts';
import type { Aggregate, AggregateKind } from './aggregate.ts';

export const asCount = (json: unknown): number | undefined =>
  typeof json === 'number' && Number.isSafeInteger(json) && json >= 0 ? json : undefined;

export const count: Aggregate<number> = {
  name: 'count',
  takes: 'nothing',
  init: () => 0,
  add: (state) => state + 1,
  merge: (state, other) => state + other,
  subtract: (state, other) => state - other,
  result: (state) => state,
  encode: (state) => state,
  decode: asCount,
  fromResult: asCount,
};

export const countKind: AggregateKind = {
  name: 'count',
  usage: 'count, count(FIELD), count(CONDITION)',
  example: 'count, count(user) or count(status>=500)',
  summary: 'number of records, of those that have a value in a field, or of those that fit a condition',
  call(argument) {
    // SQL's way to write it.
    if (argument === undefined || argument === '*') return { aggregate: count };
    return isCondition(argument)
      ? { aggregate: count, condition: argument }
      : { aggregate: count, fieldName: argument };
  },
};
