// Hot path. Where a field stands in a record's JSON text. Undefined wherever that is not plain to see; the caller then
// parses the record, so that nothing here has to know JSON in full.
import { columnsOf } from './time-of.ts';

/** The field's value in the record at [start, end) of a text in which each character is a byte. */
export type Locator = (text: string, start: number, end: number) => string | number | undefined;

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Undefined for a field that can only be found by parsing. */
export function locatorFor(field: string): Locator | undefined {
  const columns = columnsOf(field);
  if (columns) return columnLocator(columns);
  // A name with a dot may be a member of a member, and one that JSON escapes may be written in several ways.
  return /^[\w -]+$/.test(field) ? memberLocator(field) : undefined;
}

/** Columns of a line of text that follow one another, as `$4 $5` do. */
function columnLocator(columns: readonly number[]): Locator | undefined {
  const [first = 0] = columns;
  const isRow = columns.every((column, index) => column === first + index);
  if (first === 0 || !isRow) return undefined;
  return (text, start, end) => {
    if (text.charCodeAt(start) !== quote) return undefined;
    let at = start + 1;
    let from = at;
    for (let column = 1, left = columns.length; at < end - 1; column += 1) {
      while (text.charCodeAt(at) === space) at += 1;
      if (column <= first) from = at;
      at = columnEnd(text, at);
      // An escape may be a tab, which parts columns; other characters stand for bytes of UTF-8.
      const unit = text.charCodeAt(at);
      if (unit !== space && unit !== quote) return undefined;
      if (column >= first && (left -= 1) === 0) return text.slice(from, at);
    }
    return undefined;
  };
}

/** The end of a column of plain ASCII, or the place of what is none. */
function columnEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const unit = text.charCodeAt(at);
    if (!(unit > space && unit < 0x7f) || unit === quote || unit === backslash) return at;
    at += 1;
  }
}

/**
 * A member of an object. `"ts":` behind a brace or comma can only be a key; it is the object's own where no list or
 * object was opened before it, and the only one where it does not occur again.
 */
function memberLocator(name: string): Locator {
  const key = `"${name}":`;
  return (text, start, end) => {
    const record = text.slice(start, end);
    // An escape could make another key of the same name, or a quote that closes nothing.
    if (record.charCodeAt(0) !== openBrace || record.includes('\\')) return undefined;
    const at = record.indexOf(key);
    if (at === -1 || record.includes(key, at + 1) || !isOwnKey(record, at)) return undefined;
    return plainValue(record, at + key.length);
  };
}

function isOwnKey(record: string, keyAt: number): boolean {
  for (let at = 1; at < keyAt; at += 1) {
    const unit = record.charCodeAt(at);
    if (unit === openBrace || unit === openBracket) return false;
  }
  const before = record.charCodeAt(keyAt - 1);
  return before === openBrace || before === comma;
}

/** A string, or a number of few enough digits that it loses nothing. */
function plainValue(record: string, from: number): string | number | undefined {
  if (record.charCodeAt(from) === quote) {
    const close = record.indexOf('"', from + 1);
    return close === -1 ? undefined : record.slice(from + 1, close);
  }
  let end = from;
  for (let unit = record.charCodeAt(end); isNumeric(unit); unit = record.charCodeAt(end)) end += 1;
  const next = record.charCodeAt(end);
  const isPlain = end > from && end - from < 16 && (next === comma || next === closeBrace);
  return isPlain ? Number(record.slice(from, end)) : undefined;
}

/** A digit, a dot or a minus. */
function isNumeric(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x2e || unit === 0x2d;
}
