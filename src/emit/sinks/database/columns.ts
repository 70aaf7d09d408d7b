// Which columns rows have: made of the first of them, or matched to those of a table that is there.
import { stringifyJson, type Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import { recordColumn } from '../../formats/cells.ts';
import type { Column, Database, Dialect, Table } from './database.ts';
import { quoted, quotedList } from './database.ts';

export type Member = readonly [string, Json];

/** A row as an object; one that is none has one member. */
function objectOf(row: Json): Record<string, Json> {
  const isObject = typeof row === 'object' && row !== null && !Array.isArray(row);
  return isObject ? row : { [recordColumn]: row };
}

/** The columns of a table that is to hold rows like these: all that occur, in the order they first do. Throws SluiceError('badData'). */
export function columnsFor(dialect: Dialect, window: readonly Member[], rows: readonly Json[]): Column[] {
  const types = new Map<string, string>();
  for (const [name, edge] of window)
    types.set(name, typeof edge === 'string' ? dialect.time : dialect.typeOf(edge));
  for (const row of rows) {
    for (const [name, value] of Object.entries(objectOf(row))) {
      const [before, now] = [types.get(name) ?? '', dialect.typeOf(value)];
      types.set(name, before === '' || now === '' ? before + now : dialect.common(before, now));
    }
  }
  if (types.size === 0) throw new SluiceError('badData', 'a table cannot be made of rows without columns');
  refuseNames(dialect, [...types.keys()]);
  return Array.from(types, ([name, type]) => ({ name, type: type === '' ? dialect.unknown : type }));
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

/** The table's own names of the columns of --key. Throws SluiceError where rows cannot be told apart by them. */
export function keyIn(
  { dialect, tableName, name }: Database,
  table: Table,
  key: readonly string[],
): string[] {
  const found = key.map((column) =>
    table.columns.find((one) => dialect.folded(one.name) === dialect.folded(column)),
  );
  const absent = found.indexOf(undefined);
  if (absent !== -1)
    throw new SluiceError(
      'badData',
      `--key ${key[absent]}: table '${tableName}' of ${name} has no such column`,
    );
  const names = found.map((column) => (column as Column).name);
  const wanted = names.toSorted().join('\0');
  if (table.uniques.some((unique) => unique.toSorted().join('\0') === wanted)) return names;
  throw new SluiceError(
    'badData',
    `rows of table '${tableName}' of ${name} are not unique by ${names.join(', ')}, so none can be found by it`,
    `name the columns of its primary key, or make them unique: CREATE UNIQUE INDEX ON ${quoted(tableName)} (${quotedList(names)})`,
  );
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
      to[start + place] = value;
    }
    if (isInOrder) for (; at < columns.length; at += 1) to.push(null);
  }
  return undefined;
}

/** Throws SluiceError('badData') where a row has nothing in a column of the key: it would never be found again. */
export function refuseKeyless(
  columns: readonly Column[],
  key: readonly string[],
  values: readonly Json[],
): void {
  const places = key.map((name) => columns.findIndex((column) => column.name === name));
  for (let start = 0; start < values.length; start += columns.length) {
    const empty = places.find((place) => place < 0 || values[start + place] === null);
    if (empty === undefined) continue;
    const row = columns.map(
      ({ name }, index) => `${JSON.stringify(name)}:${stringifyJson(values[start + index] ?? null)}`,
    );
    const missing = key.find(
      (_, index) => (places[index] ?? -1) < 0 || values[start + (places[index] as number)] === null,
    );
    throw new SluiceError(
      'badData',
      `a row has nothing in ${missing}, a column of its key: {${row.join(',').slice(0, 80)}…`,
    );
  }
}
