// min and max: numbers by size, text by its bytes, and every number before any text.
import { compareText } from '../../envelope/order.ts';
import type { Json } from '../../envelope/json.ts';
import type { Aggregate } from './aggregate.ts';

/** Null as long as there is no value. */
type Extreme = number | bigint | string | null;

function compareValues(one: NonNullable<Extreme>, other: NonNullable<Extreme>): number {
  if (typeof one === 'string') return typeof other === 'string' ? compareText(one, other) : 1;
  if (typeof other === 'string') return -1;
  // Numbers and bigints compare by value.
  return one < other ? -1 : Number(one > other);
}

const asExtreme = (json: Json): Extreme | undefined =>
  json === null || typeof json === 'number' || typeof json === 'bigint' || typeof json === 'string'
    ? json
    : undefined;

function extreme(name: string, summary: string, sign: 1 | -1): Aggregate<Extreme> {
  const pick = (state: Extreme, other: Extreme): Extreme => {
    if (state === null || other === null) return state ?? other;
    return sign * compareValues(other, state) > 0 ? other : state;
  };
  return {
    name,
    summary,
    argument: 'value',
    init: () => null,
    add: (state, value) => pick(state, value as Extreme),
    merge: pick,
    result: (state) => state,
    encode: (state) => state,
    decode: asExtreme,
    fromResult: asExtreme,
  };
}

export const min = extreme('min', 'smallest value of a field; numbers come before text', -1);
export const max = extreme('max', 'largest value of a field; text comes after numbers', 1);
