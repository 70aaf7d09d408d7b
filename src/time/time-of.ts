// Stand-in: epoch milliseconds or RFC 3339.
import type { Json } from '../envelope/json.ts';
import { compileField } from '../reduce/field.ts';

export type TimeSpec = { readonly field: string; readonly format?: string; readonly zone?: string };
export type TimeOf = (record: Json, now: number) => number | string;

export function compileTime({ field: name }: TimeSpec): TimeOf {
  const field = compileField(name);
  return (record) => {
    const value = field(record) ?? null;
    const number = typeof value === 'number' && value < 1e11 ? value * 1000 : value;
    const time = typeof number === 'string' ? Date.parse(number) : number;
    return typeof time === 'number' && !Number.isNaN(time) ? time : `it has no ${name}, which is its time`;
  };
}
