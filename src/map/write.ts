// Records → payloads. JSON.stringify is several times as fast as a walk in JavaScript, and is right for all but bigints and
// infinite numbers; so a look at each value comes first.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { jsonFault } from '../user-code/json-fault.ts';

export type Piece = { readonly payload: Buffer; readonly count: number };

/** All records, in pieces of about `size` bytes; one at least, which may be empty. */
export function pieces(records: readonly Json[], size: number): Generator<Piece> {
  return piecesOf(textsOf(records), size, 'utf8');
}

function* textsOf(records: readonly Json[]): Generator<string> {
  for (const record of records) yield textOf(record);
}

export function textOf(record: Json): string {
  return isPlain(record) ? JSON.stringify(record) : stringifyJson(record);
}

/** The same for records that are text already. */
export function* piecesOf(
  records: Iterable<string>,
  size: number,
  encoding: 'utf8' | 'latin1',
): Generator<Piece> {
  let texts: string[] = [];
  let length = 0;
  for (const text of records) {
    if (texts.length > 0 && length + text.length > size) {
      yield { payload: Buffer.from(texts.join(','), encoding), count: texts.length };
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length + 1;
  }
  yield { payload: Buffer.from(texts.join(','), encoding), count: texts.length };
}

/**
 * What a function returned, as a record. Members that are undefined are left out, as JSON.stringify does. Throws
 * TypeError for what JSON cannot hold.
 */
export function recordFrom(value: unknown): Json {
  if (isPlain(value)) return value as Json;
  const record = withoutUndefined(value);
  const fault = jsonFault(record);
  if (fault !== undefined) throw new TypeError(`what it returned is no JSON: ${fault}`);
  return record as Json;
}

/** True where JSON.stringify loses nothing. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean';
  if (value === null) return true;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isPlain(value[index])) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined && !isPlain(member)) return false;
  }
  return true;
}

function withoutUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutUndefined(member)]));
}
