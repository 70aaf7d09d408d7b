// Groups → the rows of a reduction, as payloads of about a part each.
import { stringifyJson } from '../envelope/json.ts';
import type { Group } from './groups.ts';
import type { ReducePlan } from './plan.ts';

export type Rows = { readonly payload: Buffer; readonly count: number };

/** What can be written as rows, once or again and again. */
export interface RowSource {
  /** All rows in the byte order of their keys, in pieces of about `partSize` bytes; none where there are no rows. */
  rows(partSize: number): Iterable<Rows>;
  /** It is not used any more. */
  free(): void;
}

/** Row texts in pieces of about `partSize` characters. */
export function* pieces(texts: Iterable<string>, partSize: number): Generator<Rows> {
  let rows: string[] = [];
  let length = 0;
  for (const row of texts) {
    if (rows.length > 0 && length + row.length > partSize) {
      yield { payload: Buffer.from(rows.join(',')), count: rows.length };
      rows = [];
      length = 0;
    }
    rows.push(row);
    length += row.length + 1;
  }
  if (rows.length > 0) yield { payload: Buffer.from(rows.join(',')), count: rows.length };
}

export type RowEncoder = (group: Group) => string;

/** A row is written by hand: the constant fragments once, and no object that a key such as `__proto__` could meddle with. */
export function rowEncoder({ keys, columns, reduced }: ReducePlan): RowEncoder {
  const names = [...keys, ...columns].map(
    ({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  );
  return ({ key, states }) => {
    let row = '';
    for (const [index, value] of key.entries()) row += names[index] + stringifyJson(value);
    for (const [index, { aggregate }] of columns.entries()) {
      const value = reduced.partial ? aggregate.encode(states[index]) : aggregate.result(states[index]);
      row += names[keys.length + index] + stringifyJson(value);
    }
    return `${row}}`;
  };
}

/** Groups that are in order already, as rows. */
export function rowsOfGroups(groups: readonly Group[], plan: ReducePlan): RowSource {
  const encode = rowEncoder(plan);
  function* texts(): Generator<string> {
    for (const group of groups) yield encode(group);
  }
  return { rows: (partSize) => pieces(texts(), partSize), free: () => undefined };
}
