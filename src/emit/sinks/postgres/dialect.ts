// Rows' values as PostgreSQL's: the types of columns, and values as text for COPY.
import { stringifyJson, type Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import { batchesTable, keptForBatches } from '../database/database.ts';
import { whole, type Column, type Dialect } from '../../columns.ts';

/** Bytes of a name (NAMEDATALEN): a longer one would be cut. */
const mostOfName = 63;

export const postgresDialect: Dialect = {
  name: 'PostgreSQL',
  typeOf,
  common: (one, other) => {
    if (one === other) return one;
    return [one, other].every((type) => type === whole || type === 'numeric') ? 'numeric' : 'text';
  },
  unknown: 'text',
  time: 'timestamptz',
  number: 'numeric',
  count: 'bigint',
  // Quoted names are as they are.
  folded: (name) => name,
  misnomer(name) {
    if (name === '') return 'it has to have a name';
    if (name.includes('\0')) return 'PostgreSQL knows no NUL';
    return Buffer.byteLength(name) > mostOfName ? `it has more than ${mostOfName} bytes` : undefined;
  },
};

/** `reports.status`: a table may have the name of a schema in front. */
export function schemaAndTable(text: string): { readonly schema: string | undefined; readonly name: string } {
  const dot = text.lastIndexOf('.');
  return { schema: dot === -1 ? undefined : text.slice(0, dot), name: text.slice(dot + 1) };
}

/** Why rows cannot go to a table of this name; undefined where they can. */
export function tableMisnomer(text: string): string | undefined {
  const { schema, name } = schemaAndTable(text);
  if (name === batchesTable) return keptForBatches;
  const problem = postgresDialect.misnomer(name);
  if (problem !== undefined || schema === undefined) return problem;
  const ofSchema = postgresDialect.misnomer(schema);
  return ofSchema && `no schema can be called '${schema}': ${ofSchema}`;
}

function typeOf(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number' && Number.isSafeInteger(value)) return whole;
  // As PostgreSQL itself takes a number in JSON: any of them, exactly.
  if (typeof value === 'number' || typeof value === 'bigint') return 'numeric';
  return typeof value === 'string' ? 'text' : 'jsonb';
}

const escapes: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

/** Throws SluiceError('badData') where no column of text can hold it. */
function textCell({ name }: Column, text: string): string {
  if (!text.includes('\0')) return escaped(text);
  throw new SluiceError(
    'badData',
    `column '${name}' cannot hold ${JSON.stringify(text).slice(0, 80)}: PostgreSQL has no text with NUL in it`,
    'take it out upstream, with sluice map --map FUNCTION',
  );
}

function escaped(text: string): string {
  return /[\t\n\r\\]/.test(text)
    ? text.replace(/[\t\n\r\\]/g, (character) => escapes[character] as string)
    : text;
}

/** A column of JSON holds a text as JSON's, and not what it might be the source of. */
export function isOfJson({ type }: Column): boolean {
  return type === 'json' || type === 'jsonb';
}

/** What a column of floating point makes of a number. */
const rounding: Record<string, (value: number) => number> = { 'double precision': Number, real: Math.fround };

function copyCell(column: Column, value: Json): string {
  const { name, type } = column;
  if (value === null) return '\\N';
  if (isOfJson(column)) return escaped(stringifyJson(value));
  if (typeof value === 'string') return textCell(column, value);
  const rounded = typeof value === 'bigint' ? rounding[type]?.(Number(value)) : undefined;
  if (rounded !== undefined && BigInt(rounded) !== value)
    throw new SluiceError(
      'badData',
      `column '${name}' is of type ${type}, which cannot hold ${stringifyJson(value)}`,
      'make the table beforehand to have others: numeric holds any number',
    );
  return typeof value === 'object' ? escaped(stringifyJson(value)) : String(value);
}

/** Hot path. Values of rows, one behind the other, as COPY's text format; the server makes of them what its columns are. */
export function copyText(columns: readonly Column[], values: readonly Json[]): string {
  const last = columns.length - 1;
  let text = '';
  for (let at = 0; at < values.length;) {
    for (let place = 0; place <= last; place += 1, at += 1)
      text += copyCell(columns[place] as Column, values[at] as Json) + (place === last ? '\n' : '\t');
  }
  return text;
}
