// min and max: numbers by size, text by its bytes, and every number before any text.
import type { Json } from '../../envelope/json.ts';
import { isNumberText } from '../../record/field.ts';
import { ofField, type Aggregate } from './aggregate.ts';
import { compareValues, isNumber } from './compare.ts';

/** Null as long as there is no value. */
type Extreme = number | bigint | string | null;

const asExtreme = (json: Json): Extreme | undefined =>
  json === null || isNumber(json) || typeof json === 'string' ? json : undefined;

function extreme(name: string, sign: 1 | -1): Aggregate<Extreme> {
  const pick = (state: Extreme, other: Extreme): Extreme => {
    if (state === null || other === null) return state ?? other;
    return sign * compareValues(other, state) > 0 ? other : state;
  };
  return {
    name,
    takes: 'value',
    init: () => null,
    add: (state, value) => pick(state, value as Extreme),
    merge: pick,
    result: (state) => state,
    encode: (state) => state,
    decode: asExtreme,
    fromResult: asExtreme,
    caveat: (state, fieldName) =>
      typeof state === 'string' && isNumberText(state)
        ? `compared text by its bytes that looks like numbers; ingest --types ${fieldName ?? 'FIELD'}=number makes numbers of it`
        : undefined,
  };
}

export const minKind = ofField(extreme('min', -1), 'smallest value; numbers come before text', 'min(ms)');
export const maxKind = ofField(extreme('max', 1), 'largest value; text comes after numbers', 'max(ms)');
