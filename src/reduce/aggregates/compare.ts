// The order of values: numbers by size, then text by its bytes, then everything else by its JSON text.
import { stringifyJson, type Json } from '../../envelope/json.ts';
import { compareText } from '../../envelope/order.ts';

export function compareValues(one: Json, other: Json): number {
  const ranks = rankOf(one) - rankOf(other);
  if (ranks !== 0) return ranks;
  if (isNumber(one) && isNumber(other)) return one < other ? -1 : Number(one > other);
  return compareText(textOf(one), textOf(other));
}

/** Numbers and bigints compare by value. */
export function isNumber(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function rankOf(value: Json): number {
  if (isNumber(value)) return 0;
  return typeof value === 'string' ? 1 : 2;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : stringifyJson(value);
}
