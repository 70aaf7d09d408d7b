// Fields by name: what `--by status`, `sum($10)` or `max(user.age)` mean for a record.
//
//   name      an object's own member; else, with dots, the member of a member: user.age
//   $1 $2 …   the first, second, … white-space column of a line of text, as awk counts them
//   $0        the record itself
import { splitWords } from './words.ts';
import type { Json } from '../envelope/json.ts';

/** Undefined where the record has no such field. */
export type Field = (record: Json) => Json | undefined;

export function compileField(name: string): Field {
  const column = /^\$(\d+)$/.exec(name);
  if (column) return columnField(Number(column[1]), name);
  const path = name.split('.');
  return (record) => member(record, name) ?? (path.length > 1 ? walk(record, path) : undefined);
}

function columnField(column: number, name: string): Field {
  if (column === 0) return (record) => record;
  return (record) => {
    if (typeof record !== 'string') return member(record, name);
    const text = columnsOf(record)[column - 1];
    // Logs write a dash for "no value" (Common Log Format).
    return text === '-' ? undefined : text;
  };
}

let lastLine = '';
let lastColumns: readonly string[] = [];

/** Hot path. The fields of a record are asked for one after the other, and it is split once. */
function columnsOf(line: string): readonly string[] {
  if (line !== lastLine) {
    lastColumns = splitWords(line);
    lastLine = line;
  }
  return lastColumns;
}

function walk(record: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = record;
  for (const name of path) {
    if (value === undefined) return undefined;
    value = member(value, name);
  }
  return value;
}

/** Own members only: a record has no field `constructor` unless it says so. */
function member(record: Json, name: string): Json | undefined {
  if (typeof record !== 'object' || record === null || !Object.hasOwn(record, name)) return undefined;
  return (record as { [key: string]: Json })[name];
}

const numberText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A column of a line is text; where it looks like a number, aggregates take it as one. */
export function numberFromColumn(text: string): number | string {
  return numberText.test(text) ? Number(text) : text;
}

/** Text that most likely is meant as a number, such as 1.50; with zeros in front it is one of other codes. */
export function isNumberText(text: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text);
}
