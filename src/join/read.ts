// A record of one of the two streams, made ready to meet those of the other.
import type { Json } from '../envelope/json.ts';
import type { TimeOf } from '../time/time-of.ts';
import { identityOf, keyOf, type KeyField } from './key.ts';
import type { FieldsOf } from './rows.ts';
import type { Held } from './side.ts';

export type InputPlan = {
  readonly keys: readonly KeyField[];
  readonly time: TimeOf;
  /** How messages call it, where it is not what comes from upstream. */
  readonly name?: string;
};

/** As text, why a record cannot be joined. */
export type RecordReader = (record: Json, slice: Buffer, now: number) => Held | string;

export function recordReader({ keys: keyFields, time: timeOf }: InputPlan, fieldsOf: FieldsOf): RecordReader {
  return (record, slice, now) => {
    const fields = fieldsOf(record, slice);
    if (typeof fields === 'string') return fields;
    const time = timeOf(record, now);
    if (typeof time === 'string') return time;
    const keys = keyOf(keyFields, record);
    return { fields, time, keys, identity: identityOf(keys), hasPartner: false };
  };
}
