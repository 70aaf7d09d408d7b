import type { Aggregate } from './aggregate.ts';

const asCount = (json: unknown): number | undefined =>
  typeof json === 'number' && Number.isSafeInteger(json) && json >= 0 ? json : undefined;

export const count: Aggregate<number> = {
  name: 'count',
  summary: 'number of records; with a field, of those that have a value there',
  argument: 'none',
  init: () => 0,
  add: (state) => state + 1,
  merge: (state, other) => state + other,
  result: (state) => state,
  encode: (state) => state,
  decode: asCount,
  fromResult: asCount,
};
