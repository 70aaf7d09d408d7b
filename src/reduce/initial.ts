// --initial: what running totals begin with, as rows that a reduce wrote, in NDJSON or CSV.
import { readFileSync } from 'node:fs';
import { parseJson, type Json } from '../envelope/json.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { parseCsv } from './csv.ts';
import type { AggregateColumn } from './expression.ts';
import type { Group } from './groups.ts';
import type { ReducePlan } from './plan.ts';

type Row = { readonly [column: string]: Json };

/** Throws SluiceError('noInput') for a file that cannot be read, 'badData' for rows that are not of this reduction. */
export function readInitial(path: string, plan: ReducePlan): Group[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new SluiceError('noInput', `--initial: ${messageOf(error)}`, undefined, error);
  }
  const isNdjson = /^\s*\{/.test(text);
  const rows = isNdjson ? ndjsonRows(path, text) : csvRows(path, text, plan);
  return rows.map(({ row, line }) => groupOf(row, plan, `${path}, line ${line}`));
}

type Placed = { readonly row: Row; readonly line: number };

function ndjsonRows(path: string, text: string): Placed[] {
  return text.split('\n').flatMap((content, index) => {
    if (content.trim() === '') return [];
    const line = index + 1;
    const row = parsed(content);
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return [{ row, line }];
    throw new SluiceError(
      'badData',
      `${path}, line ${line}: this is no row`,
      'a row is a JSON object, one a line',
    );
  });
}

function parsed(content: string): Json | undefined {
  try {
    return parseJson(content);
  } catch {
    return undefined;
  }
}

/** CSV knows no types: a cell is what JSON reads it as; a key that comes from a line of text stays text. */
function csvRows(path: string, text: string, { keys, takes }: ReducePlan): Placed[] {
  const [heading, ...lines] = parseCsv(text);
  if (!heading) return [];
  const textColumns = new Set(
    keys.flatMap(({ name, fieldName }) => (takes === 'words' || fieldName?.startsWith('$') ? [name] : [])),
  );
  return lines.map(({ cells, line }) => {
    if (cells.length !== heading.cells.length) {
      const counts = `${cells.length} cells, and the heading has ${heading.cells.length}`;
      throw new SluiceError('badData', `${path}, line ${line}: there are ${counts}`);
    }
    const named = heading.cells.map((name, index): [string, Json] => {
      const cell = cells[index] ?? '';
      return [name, textColumns.has(name) && cell !== '' ? cell : valueOf(cell)];
    });
    return { row: Object.fromEntries(named), line };
  });
}

function valueOf(cell: string): Json {
  if (cell === '') return null;
  return /^[-[{\d]|^(true|false|null)$/.test(cell) ? (parsed(cell) ?? cell) : cell;
}

function groupOf(row: Row, { keys, columns }: ReducePlan, place: string): Group {
  const cell = (name: string): Json => {
    if (Object.hasOwn(row, name)) return row[name] ?? null;
    throw new SluiceError(
      'badData',
      `${place}: column '${name}' is missing`,
      `the columns have to be those of this reduce: ${[...keys, ...columns].map((column) => column.name).join(', ')}`,
    );
  };
  return {
    key: keys.map(({ name }) => cell(name)),
    states: columns.map((column) => stateOf(column, cell(column.name), place)),
  };
}

/** A final value, or a state as --partial writes it. */
function stateOf({ name, expression, aggregate }: AggregateColumn, value: Json, place: string): unknown {
  const state = aggregate.fromResult?.(value) ?? aggregate.decode(value);
  if (state !== undefined) return state;
  throw new SluiceError(
    'badData',
    `${place}: column '${name}' is no ${aggregate.fromResult ? 'result' : 'state'} of ${expression}`,
    aggregate.fromResult
      ? undefined
      : 'its final value says too little: write the file with reduce --partial',
  );
}
