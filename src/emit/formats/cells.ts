// Rows as cells under named columns, for formats that have columns.
import { parseJson, stringifyJson, type Json } from '../../envelope/json.ts';
import { messageOf, SluiceError } from '../../errors.ts';
import { formatTime, type TableHead } from './format.ts';

/** Column → text; a Map, since a column may be called `__proto__`. */
export type Cells = Map<string, { text: string; isNumber: boolean }>;

/** The one column of a row that is no object. */
export const recordColumn = 'record';

export function cellsOf(row: string): Cells {
  const value = parseRow(row);
  const members: [string, Json][] =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : [[recordColumn, value]];
  return new Map(
    members.map(([name, member]) => [name, { text: cellText(member), isNumber: isNumber(member) }]),
  );
}

export function windowCells({ isWindow, interval }: TableHead): Cells {
  if (!isWindow || !interval) return new Map();
  return new Map([
    ['window_start', { text: formatTime(interval.start), isNumber: false }],
    ['window_end', { text: formatTime(interval.end), isNumber: false }],
  ]);
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

function cellText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : stringifyJson(value);
}

function isNumber(value: Json): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}
