// What makes two values the same: type and value. A Map tells 1 from "1" by itself; lists and objects go by their
// JSON text, marked so that no text looks like it.
import { parseJson, stringifyJson, type Json } from '../envelope/json.ts';

/** A number, a text, true, false or null: what Map and Set compare by value. */
export type Identity = Exclude<Json, object> | null;

const mark = '\u0000';

export function identityOf(value: Json): Identity {
  if (typeof value === 'string' ? !value.startsWith(mark) : typeof value !== 'object' || value === null)
    return value as Identity;
  return mark + stringifyJson(value);
}

/** What tells keys of as many columns apart. */
export function identityOfKey(key: readonly Json[]): Identity {
  return key.length === 1 ? identityOf(key[0] ?? null) : stringifyJson([...key]);
}

export function valueOf(identity: Identity): Json {
  return typeof identity === 'string' && identity.startsWith(mark) ? parseJson(identity.slice(1)) : identity;
}

/** V8 keeps a slice of a long text as a reference to all of it; what is kept must not hold on to its line. */
export function detached<Value extends Json>(value: Value): Value {
  if (typeof value !== 'string' || value.length < 13) return value;
  return Buffer.from(value, 'utf16le').toString('utf16le') as Value;
}
