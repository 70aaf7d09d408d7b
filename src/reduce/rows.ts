// Groups → the rows of a reduction, as payloads of about a part each.
import type { Interval } from '../envelope/envelope.ts';
import { stringifyJson, type Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import type { Group } from './groups.ts';
import { isOverflowKey } from './overflow.ts';
import type { ReducePlan } from './plan.ts';

/** How rows are written. */
export type RowSettings = {
  /** In pieces of about so many bytes. */
  readonly partSize: number;
  /** What the records are from, where their batch or window has an interval. */
  readonly interval?: Interval | undefined;
  /** Takes what has to be said about the results when the stream is over. */
  readonly caveats: Set<string>;
};

/** `overflow`: the last row is `_other`, and so many records stand under it. */
export type Rows = { readonly payload: Buffer; readonly count: number; readonly overflow?: number };

/** What can be written as rows, once or again and again. */
export interface RowSource {
  /** All rows in the byte order of their keys; none where there are no rows. */
  rows(settings: RowSettings): Iterable<Rows>;
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

/** `interval`: where rows of one table have several. */
export type RowEncoder = (key: readonly Json[], states: readonly unknown[], interval?: Interval) => string;

/** A row is written by hand: constant fragments once, and no object that a key such as `__proto__` could meddle with. */
export function rowEncoder(
  { keys, columns, reduced }: ReducePlan,
  { interval: ofAll, caveats }: RowSettings,
): RowEncoder {
  const names = [...keys, ...columns].map(({ name }) => name);
  // A fold's own column gives way to its members.
  const others = [...keys, ...columns.filter(({ isFold }) => !isFold)].map(({ name }) => name);
  const labels = names.map((name) => `${JSON.stringify(name)}:`);
  const separator = (row: string): string => (row === '' ? '{' : ',');
  return (key, states, interval = ofAll) => {
    let row = '';
    for (const [index, value] of key.entries()) row += separator(row) + labels[index] + stringifyJson(value);
    for (const [index, { aggregate, expression, fieldName, isFold }] of columns.entries()) {
      const state = states[index];
      const value = reduced.partial ? aggregate.encode(state) : aggregate.result(state, interval);
      const caveat = reduced.partial ? undefined : aggregate.caveat?.(state, fieldName);
      if (caveat !== undefined) caveats.add(`${expression} ${caveat}`);
      if (isFold && !reduced.partial && isObject(value)) {
        for (const member of membersOf(value, others)) row += separator(row) + member;
      } else row += separator(row) + labels[keys.length + index] + stringifyJson(value);
    }
    return row === '' ? '{}' : `${row}}`;
  };
}

function isObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a --fold made, as columns beside the others. */
function membersOf(value: { [name: string]: Json }, taken: readonly string[]): string[] {
  return Object.entries(value).map(([name, member]) => {
    if (!taken.includes(name)) return `${JSON.stringify(name)}:${stringifyJson(member)}`;
    throw new SluiceError(
      'badData',
      `the result of --fold has a member '${name}', and there is a column of that name`,
      'give one of them another name',
    );
  });
}

/** Groups that are in order already, as rows. The overflow is the last one, and the last piece says so. */
export function* rowsOfGroups(
  groups: readonly Group[],
  plan: ReducePlan,
  settings: RowSettings,
): Generator<Rows> {
  const encode = rowEncoder(plan, settings);
  function* texts(): Generator<string> {
    for (const { key, states } of groups) yield encode(key, states);
  }
  const last = groups.at(-1);
  yield* withOverflow(pieces(texts(), settings.partSize), last && overflowOf(last));
}

/** How many records stand under `_other`; undefined for any other group. */
export function overflowOf({ key, records = 1 }: Group): number | undefined {
  return isOverflowKey(key) ? records : undefined;
}

/** The last piece says what stands under its last row, where that is `_other`. */
export function* withOverflow(rows: Iterable<Rows>, overflow: number | undefined): Generator<Rows> {
  let held: Rows | undefined;
  for (const piece of rows) {
    if (held) yield held;
    held = piece;
  }
  if (held) yield overflow === undefined ? held : { ...held, overflow };
}
