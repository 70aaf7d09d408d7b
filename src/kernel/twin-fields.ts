// The twin's readers of fields: columns of text, and keys of JSON objects.

import { stringifyJson, type Json } from '../envelope/json.ts';
import type { Columns, FaultKind, Fields, Tally } from './kernel.ts';
import { decodeString } from './twin-read.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Called once per record with the bytes of its group's key, a number for each value that it has, and, of an object, where it ends. */
export type AddRecord = (key: string, numbers: readonly (number | undefined)[], end?: number) => void;

export function readLines(text: Uint8Array, columns: Columns, add: AddRecord): Tally {
  const lines = decoder.decode(text).split('\n');
  if (lines.at(-1) === '') lines.pop();
  let notNumbers = 0;
  for (const line of lines) notNumbers += readLine(line, columns, add);
  return { records: lines.length, notNumbers };
}

// What may follow a backslash is for the decoder to say, which knows the place of a fault.
const stringText = /"((?:[^"\\\x00-\x1f]|\\[^])*)"/y;

export function readStrings(payload: Uint8Array, columns: Columns, add: AddRecord): Tally {
  const text = latin1(decoder.decode(payload));
  let notNumbers = 0;
  const reading = readArray(text, (at) => {
    stringText.lastIndex = at;
    const found = stringText.exec(text);
    if (found === null)
      return { kind: isValueStart(text.charAt(at)) ? 'not-string' : 'malformed', offset: at };
    const decoded = decodeString(found[1] ?? '');
    if (typeof decoded === 'number') return { kind: 'malformed', offset: at + 1 + decoded };
    notNumbers += readLine(Buffer.from(decoded, 'latin1').toString(), columns, add);
    return stringText.lastIndex;
  });
  return { ...reading, notNumbers };
}

export function readObjects(
  input: Uint8Array,
  fields: Fields,
  layout: 'lines' | 'array',
  add: AddRecord,
): Tally {
  const text = latin1(decoder.decode(input));
  let notNumbers = 0;
  let stop = text.length;
  const readOne = (at: number): number | Failure => {
    if (layout === 'lines') {
      const newline = text.indexOf('\n', at);
      stop = newline === -1 ? text.length : newline;
    }
    if (text.charAt(at) !== '{') {
      return { kind: /["{[\-0-9tfn]/.test(text.charAt(at)) ? 'not-object' : 'malformed', offset: at };
    }
    const end = layout === 'lines' ? stop : elementEnd(text, at);
    const value = parse(Buffer.from(text.slice(at, end), 'latin1').toString());
    if (value === undefined) return { kind: 'malformed', offset: at };
    const key = fields.groups.map((name) => canonical(own(value, name))).join('\0');
    const numbers = fields.values.map((name) => {
      const given = own(value, name);
      if (given !== undefined && given !== null && typeof given !== 'number') notNumbers++;
      return typeof given === 'number' ? given : undefined;
    });
    add(latin1(key), numbers, end);
    return end;
  };
  if (layout === 'array') {
    const reading = readArray(text, readOne);
    return { ...reading, notNumbers };
  }
  let records = 0;
  for (let at = spaceEnd(text, 0); at < text.length; at = spaceEnd(text, at)) {
    const end = readOne(at);
    if (typeof end !== 'number') return { records, fault: { ...end, record: records }, notNumbers };
    at = end;
    records++;
  }
  return { records, notNumbers };
}

interface Failure {
  readonly kind: FaultKind;
  readonly offset: number;
}

/** Reads the elements of the inside of an array; `readOne` gives the end of the one at its place. */
function readArray(text: string, readOne: (at: number) => number | Failure): Omit<Tally, 'notNumbers'> {
  let records = 0;
  const failed = (failure: Failure): Omit<Tally, 'notNumbers'> => ({
    records,
    fault: { ...failure, record: records },
  });
  let at = spaceEnd(text, 0);
  if (at === text.length) return { records };
  while (true) {
    const end = at === text.length ? ({ kind: 'malformed', offset: at } as const) : readOne(at);
    if (typeof end !== 'number') return failed(end);
    records++;
    at = spaceEnd(text, end);
    if (at === text.length) return { records };
    if (text.charAt(at) !== ',') return failed({ kind: 'malformed', offset: at });
    at = spaceEnd(text, at + 1);
  }
}

function spaceEnd(text: string, at: number): number {
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

/** The comma behind an element, or the end: quotes and brackets are counted, nothing is checked. */
function elementEnd(text: string, at: number): number {
  let depth = 0;
  let isString = false;
  for (; at < text.length; at++) {
    const letter = text.charAt(at);
    if (isString) {
      if (letter === '\\') at++;
      else if (letter === '"') isString = false;
    } else if (letter === '"') isString = true;
    else if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') depth--;
    else if (letter === ',' && depth <= 0) return at;
  }
  return at;
}

function isValueStart(letter: string): boolean {
  return /[{[\-0-9tfn]/.test(letter);
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function canonical(value: unknown): string {
  // A string is written as UTF-8 first, which turns lone surrogates into U+FFFD.
  return stringifyJson(typeof value === 'string' ? Buffer.from(value).toString() : ((value ?? null) as Json));
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Adds one line of columns; returns how many values are no numbers. */
function readLine(line: string, columns: Columns, add: AddRecord): number {
  const cells = line.split(/[ \t\n\v\f\r]+/).filter((cell) => cell !== '');
  let notNumbers = 0;
  const numbers = columns.values.map((column) => {
    const cell = cells[column - 1];
    if (cell === undefined || cell === '-') return undefined;
    if (numberText.test(cell)) return Number(cell);
    notNumbers++;
    return undefined;
  });
  const key = cells[columns.key - 1] ?? '';
  add(key === '-' ? '' : latin1(key), numbers);
  return notNumbers;
}
