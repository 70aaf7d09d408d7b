// Rows as cells under named columns, for formats that have columns.
import { parseJson, stringifyJson, type Json } from '../../envelope/json.ts';
import { messageOf, SluiceError } from '../../errors.ts';
import { windowEdges, type TableHead } from './format.ts';

type Cell = { readonly text: string; readonly isNumber: boolean };

/** The one column of a row that is no object. */
export const recordColumn = 'record';

/** Column → cell; a Map, since a column may be called `__proto__`. */
export type Cells = Map<string, Cell>;

/** The rows' members in order, as name and value; a row that is no object has one. */
export function membersOf(rows: readonly string[]): (readonly [string, Json])[][] {
  // One parse for all of them: what a call costs, it costs once.
  const values = parseRow(`[${rows.join(',')}]`) as Json[];
  return values.map((value) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? Object.entries(value) : [[recordColumn, value] as const];
  });
}

export function cellsOf(members: readonly (readonly [string, Json])[]): Cells {
  return new Map(
    members.map(([name, value]) => [name, { text: cellText(value), isNumber: isNumber(value) }]),
  );
}

export function windowCells({ isWindow, interval }: TableHead): Cells {
  if (!isWindow || !interval) return new Map();
  return cellsOf(windowEdges(interval));
}

export function parseRow(row: string): Json {
  try {
    return parseJson(row);
  } catch (error) {
    throw new SluiceError(
      'badData',
      `a record is no JSON: ${messageOf(error)}`,
      'see sluice-envelope(5) for the format',
      error,
    );
  }
}

export function cellText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : stringifyJson(value);
}

function isNumber(value: Json): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}
