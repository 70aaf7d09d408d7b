// first and last, in the order of the stream: states are merged in that order, however the records were cut into parts.
import type { Json } from '../../envelope/json.ts';
import { detached } from '../../record/identity.ts';
import { ofField, type Aggregate } from './aggregate.ts';

/** Null as long as there is no value. */
function end(name: string, pick: (state: Json, other: Json) => Json): Aggregate<Json> {
  return {
    name,
    takes: 'anything',
    init: () => null,
    add: (state, value) => pick(state, value),
    merge: pick,
    result: (state) => state,
    encode: (state) => state,
    decode: (json) => json,
    fromResult: (json) => json,
  };
}

const first = end('first', (state, other) => (state === null ? detached(other) : state));
const last = end('last', (state, other) => (other === null ? state : other));

export const firstKind = ofField(first, 'value of the first record that has one', 'first(path)');
export const lastKind = ofField(last, 'value of the last record that has one', 'last(path)');
