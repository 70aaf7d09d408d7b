// The row `_other`: what stands for all keys beyond --max-keys. The header says where it is, since a key may be
// called `_other` as well.
import type { Envelope } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { decodeRecords, recordEnds } from '../envelope/records.ts';

/** The name that it has in the first key column; the others are null. */
export const overflowKey = '_other';

/** Such keys, each by itself, since the key of a record may read the same. */
const overflowKeys = new WeakSet<readonly Json[]>();

/** The key of the row `_other`, of so many columns: tables take it for no other. */
export function makeOverflowKey(columns: number): readonly Json[] {
  const key = Array.from({ length: columns }, (_, index) => (index === 0 ? overflowKey : null));
  overflowKeys.add(key);
  return key;
}

export function isOverflowKey(key: readonly Json[]): boolean {
  return key[0] === overflowKey && overflowKeys.has(key);
}

export type SplitPart = {
  /** The part without the row, where it has one. */
  readonly rest: Envelope;
  readonly overflow?: {
    readonly row: Json;
    /** Its place in the part, from 0. */
    readonly index: number;
    /** How many records stand under it. */
    readonly records: number;
  };
};

/** Throws SluiceError('badData') for a payload that is damaged. */
export function splitOverflow(part: Envelope): SplitPart {
  const { header, payload } = part;
  if (header.overflow === undefined || header.n === 0) return { rest: part };
  let start = 0;
  for (const end of recordEnds(payload)) if (end < payload.length) start = end + 1;
  const [row = null] = decodeRecords({ header: { ...header, n: 1 }, payload: payload.subarray(start) });
  const index = header.n - 1;
  const rest = { header: { ...header, n: index }, payload: payload.subarray(0, Math.max(0, start - 1)) };
  return { rest, overflow: { row, index, records: header.overflow } };
}
