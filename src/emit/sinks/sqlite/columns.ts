// Rows' values as SQLite's. A column's type is its affinity (sqlite.org/datatype3.html): what SQLite makes of a value there.
import { stringifyJson, type Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import type { Column, Dialect } from '../../columns.ts';

/** Of the column that is the number of its row: it takes whole numbers only, and makes one where there is none. */
export const rowNumber = 'INTEGER PRIMARY KEY';
/** Affinities; `''` keeps values as they are. */
export type ColumnType = 'INTEGER' | 'REAL' | 'TEXT' | 'NUMERIC' | '' | typeof rowNumber;
export type Bound = null | number | bigint | string | Buffer;

const mostInteger = 2n ** 63n - 1n;

export const sqliteDialect: Dialect = {
  name: 'SQLite',
  typeOf,
  common: (one, other) => {
    if (one === other) return one;
    return one === 'TEXT' || other === 'TEXT' ? 'TEXT' : 'REAL';
  },
  unknown: '',
  time: 'TEXT',
  // A column of integers keeps a fraction as one.
  number: 'INTEGER',
  count: 'INTEGER',
  // SQLite takes names that differ in the case of ASCII letters only for the same.
  folded: (name) => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  misnomer: (name) => (name.includes('\0') ? 'SQL ends at a NUL' : undefined),
};

function typeOf(value: Json): ColumnType {
  if (value === null) return '';
  if (typeof value === 'boolean') return 'INTEGER';
  if (typeof value === 'bigint') return isStorable(value) ? 'INTEGER' : 'TEXT';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'INTEGER' : 'REAL';
  return 'TEXT';
}

/** The affinity of a column that was declared so. */
export function affinityOf(declared: string): ColumnType {
  if (/INT/i.test(declared)) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/i.test(declared)) return 'TEXT';
  if (declared === '' || /BLOB/i.test(declared)) return '';
  return /REAL|FLOA|DOUB/i.test(declared) ? 'REAL' : 'NUMERIC';
}

const numeric = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** Hot path. A value as it is handed to SQLite, which never rounds it. Throws SluiceError('badData') where the column cannot hold it. */
export function bound(column: Column, value: Json): Bound {
  const { type } = column;
  if (value === null) return null;
  if (type === 'TEXT') return typeof value === 'string' ? wholeText(value) : stringifyJson(value);
  // Numbers go over as floating point, of which only a column with a type makes integers again.
  if (typeof value === 'number') {
    if (type === rowNumber && !Number.isSafeInteger(value)) throw cannotHold(column, value);
    return type === '' && Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (typeof value === 'boolean') return value ? 1n : 0n;
  const hasNul = typeof value === 'string' && value.includes('\0');
  if (type === '' && !hasNul) return textOrInteger(value);
  // What was declared as DATE, say, keeps a text as it is, unless it can be taken for a number.
  if (type === 'NUMERIC' && typeof value === 'string' && !hasNul && !numeric.test(value)) return value;
  const isExact = typeof value === 'bigint' && isStorable(value);
  if (isExact && (type !== 'REAL' || BigInt(Number(value)) === value)) return value;
  throw cannotHold(column, value);
}

function cannotHold({ name, type }: Column, value: Json): SluiceError {
  return new SluiceError(
    'badData',
    `column '${name}' is of ${type === '' ? 'no type' : `type ${type}`}, which cannot hold ${stringifyJson(value).slice(0, 80)}`,
    'the first rows settle the types; make the table beforehand to have others: TEXT holds anything',
  );
}

function textOrInteger(value: Exclude<Json, number | boolean | null>): Bound {
  if (typeof value === 'bigint' && isStorable(value)) return value;
  return typeof value === 'string' ? value : stringifyJson(value);
}

/** The database driver ends a text at NUL, but not bytes; a TEXT column's are made a text again by its `placeholder`. */
function wholeText(text: string): string | Buffer {
  return text.includes('\0') ? Buffer.from(text) : text;
}

/** Where a value of this column stands in an INSERT. */
export function placeholder({ type }: Column): string {
  return type === 'TEXT' ? 'CAST(? AS TEXT)' : '?';
}

/** SQLite's integers have 64 bits. */
function isStorable(value: bigint): boolean {
  return value <= mostInteger && value >= -mostInteger - 1n;
}
