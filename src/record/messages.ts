// How messages speak of records.
import type { Header } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';

/** Where a record stands, for messages; `index` counts from 0. */
export function placeOf({ batch, part }: Header, index: number): string {
  return `batch ${batch ?? 0}, part ${part ?? 0}, record ${index + 1}`;
}

/** What a value is that should be something else: `a list`. */
export function describe(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `text (${JSON.stringify(value.slice(0, 40))})` : String(value);
}
