// The columns of --key, by which rows of a table are told apart.
import { stringifyJson, type Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import type { Column } from '../../columns.ts';
import { quotedList, type Database, type Table } from './database.ts';

/** The table's own names of the columns of --key. Throws SluiceError where rows cannot be told apart by them. */
export function keyIn(
  { dialect, tableName, quotedTable, name }: Database,
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
    `name the columns of its primary key, or make them unique: CREATE UNIQUE INDEX NAME ON ${quotedTable} (${quotedList(names)})`,
  );
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
