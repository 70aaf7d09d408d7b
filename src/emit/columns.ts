// Which columns rows have, for what has a type for each: databases and Parquet.
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import { recordColumn } from './formats/cells.ts';

export type Column = { readonly name: string; readonly type: string };

/** In place of a type: all that was seen are whole numbers, which tells nothing of what is still to come. */
export const whole = 'whole';
/** Columns that count, as `reduce` calls them, have whole numbers for good. */
const counts = /^(?:count|~?distinct)(?:$|[ (])/;

/** How those that have columns differ in what they are made of and called. */
export type Dialect = {
  readonly name: string;
  /** The type of a column that holds this; `''` for null, which fits any; `whole` where it depends on the column. */
  readonly typeOf: (value: Json) => string;
  /** One type for what two columns hold, none of which is `''`. */
  readonly common: (one: string, other: string) => string;
  /** Of a column in which nothing but null was seen. */
  readonly unknown: string;
  /** Of the edges of windows. */
  readonly time: string;
  /** Of `whole` numbers: of a column that may go on with fractions, and of one that counts. */
  readonly number: string;
  readonly count: string;
  /** Names that are one are the same when they are folded. */
  readonly folded: (name: string) => string;
  /** Why a column cannot be called so; undefined where it can. */
  readonly misnomer: (name: string) => string | undefined;
};

export type Member = readonly [string, Json];

/** A row as an object; one that is none has one member. */
export function objectOf(row: Json): Record<string, Json> {
  const isObject = typeof row === 'object' && row !== null && !Array.isArray(row);
  return isObject ? row : { [recordColumn]: row };
}

/** The columns of a table that is to hold rows like these: all that occur, in the order they first do. Throws SluiceError('badData'). */
export function columnsFor(dialect: Dialect, window: readonly Member[], rows: readonly Json[]): Column[] {
  const types = new Map<string, string>();
  for (const [name, edge] of window) types.set(name, typeof edge === 'string' ? dialect.time : dialect.count);
  for (const row of rows) {
    for (const [name, value] of Object.entries(objectOf(row))) {
      const [before, now] = [types.get(name) ?? '', dialect.typeOf(value)];
      types.set(name, before === '' || now === '' ? before + now : dialect.common(before, now));
    }
  }
  if (types.size === 0) throw new SluiceError('badData', 'a table cannot be made of rows without columns');
  refuseNames(dialect, [...types.keys()]);
  return Array.from(types, ([name, type]) => ({ name, type: settled(dialect, name, type) }));
}

function settled(dialect: Dialect, name: string, type: string): string {
  if (type === whole) return counts.test(name) ? dialect.count : dialect.number;
  return type === '' ? dialect.unknown : type;
}

function refuseNames({ name: database, folded, misnomer }: Dialect, names: readonly string[]): void {
  const known = new Map<string, string>();
  for (const name of names) {
    const problem = misnomer(name);
    if (problem)
      throw new SluiceError(
        'badData',
        `no column can be called ${JSON.stringify(name).slice(0, 80)}: ${problem}`,
      );
    const twin = known.get(folded(name));
    if (twin !== undefined)
      throw new SluiceError(
        'badData',
        `columns '${twin}' and '${name}' are one to ${database}: only case differs`,
      );
    known.set(folded(name), name);
  }
}

/** For a row that has a member of the name that its window's edge has. */
export function besideEdge(column: string): SluiceError {
  return new SluiceError(
    'badData',
    `a row has a column '${column}' beside the edge of its window`,
    `give it another name: sluice map --rename ${column}=…`,
  );
}

function twice(column: string): SluiceError {
  return new SluiceError('badData', `a row has two columns that are '${column}' here: only case differs`);
}

/** Hot path. Values of rows, in the order of `columns`; null for what a row lacks. Returns the name of a column that is none of them. */
export function arrange(
  columns: readonly Column[],
  folded: Dialect['folded'],
  window: readonly Member[],
  rows: readonly Json[],
  to: Json[],
): string | undefined {
  let places: Map<string, number> | undefined;
  for (const each of rows) {
    const row = objectOf(each);
    const start = to.length;
    for (const [, edge] of window) to.push(edge);
    let at = window.length;
    let isInOrder = true;
    // Most rows have the columns in their order.
    for (const name in row) {
      const value = row[name] as Json;
      if (isInOrder && columns[at]?.name === name) {
        to.push(value);
        at += 1;
        continue;
      }
      if (isInOrder) for (let more = at; more < columns.length; more += 1) to.push(null);
      isInOrder = false;
      places ??= new Map(columns.map((column, index) => [folded(column.name), index]));
      const place = places.get(folded(name));
      if (place === undefined) return name;
      if (to[start + place] !== null) {
        const { name: column } = columns[place] as Column;
        throw place < window.length ? besideEdge(column) : twice(column);
      }
      to[start + place] = value;
    }
    if (isInOrder) for (; at < columns.length; at += 1) to.push(null);
  }
  return undefined;
}
