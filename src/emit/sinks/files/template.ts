// `out/{date}/{status}.ndjson`: which file a row goes to. What a value has in it stays within its segment of the path.
import { createHash } from 'node:crypto';
import type { Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import { compileField } from '../../../record/field.ts';
import { compileTime } from '../../../time/time-of.ts';
import { cellText } from '../../formats/cells.ts';
import type { TableHead } from '../../formats/format.ts';

/** What stands in place of a part in braces. */
type Part = (row: Json, head: TableHead) => string;

export type Template = {
  /** The folder in front of the first part that depends on rows. */
  readonly root: string;
  /** Where true, all rows go to one file. */
  readonly isConstant: boolean;
  /** Where false, it depends on the batch or the window alone. */
  readonly needsRows: boolean;
  /** Throws SluiceError('badData') where a row has no time. */
  readonly pathOf: (row: Json, head: TableHead) => string;
  /** Columns that it names and in which no row has had a value so far. */
  readonly strangers: ReadonlySet<string>;
};

/** Bytes of a name: 255 are usual, and a temporary one, or a number, needs some. */
const mostOfName = 180;
/** Of the window that a row is of, or of its batch: so many characters of its RFC 3339 time, from so many on. */
const times: Record<string, readonly [from: number, length: number]> = {
  date: [0, 10],
  hour: [11, 2],
  minute: [14, 2],
};

/** Throws SluiceError('usage'). */
export function parseTemplate(text: string): Template {
  const pieces = text.split(/(\{[^{}]*\})/);
  const literal = pieces.filter((_, index) => index % 2 === 0).join('');
  if (/[{}]/.test(literal))
    throw new SluiceError('usage', `${text}: a brace is not closed`, 'write out/{date}/{status}.ndjson');
  const strangers = new Set<string>();
  const parts = pieces.map((piece, index): Part | string =>
    index % 2 === 0 ? piece : partOf(piece.slice(1, -1), text, strangers),
  );
  const before = (pieces[0] ?? '').split('/').slice(0, -1).join('/');
  const isConstant = parts.length === 1;
  return {
    root: before === '' && text.startsWith('/') ? '/' : before || '.',
    isConstant,
    needsRows: pieces.some((piece, index) => index % 2 === 1 && times[piece.slice(1, -1)] === undefined),
    pathOf: (row, head) => {
      const path = parts.map((part) => (typeof part === 'string' ? part : part(row, head))).join('');
      return path.split('/').map(shortened).join('/');
    },
    strangers,
  };
}

function partOf(name: string, text: string, strangers: Set<string>): Part {
  const [kind = '', field] = name.split(/:(.*)/s);
  const piece = times[kind];
  if (name === '')
    throw new SluiceError(
      'usage',
      `${text}: there is nothing between braces`,
      'name a column, or date, hour, minute',
    );
  if (!piece) {
    const read = compileField(name);
    strangers.add(name);
    return (row) => {
      const value = read(row);
      if (value !== undefined) strangers.delete(name);
      return segment(value ?? null);
    };
  }
  const [from, length] = piece;
  const timeOf = field === undefined ? undefined : compileTime({ field });
  return (row, { interval }) => {
    const time = timeOf ? timeOf(row, Date.now()) : timeOfInterval(interval);
    if (typeof time === 'string')
      throw new SluiceError(
        'badData',
        `a row cannot be put into ${text}: ${time}`,
        `a column with a time is named by {${kind}:COLUMN}`,
      );
    return new Date(time).toISOString().slice(from, from + length);
  };
}

function timeOfInterval(interval: TableHead['interval']): number | string {
  return interval && interval.unit !== 'records' ? interval.start : 'its batch has no interval of time';
}

/** A value as a part of a name: what is no letter, digit or harmless sign is written as `%2F`. */
function segment(value: Json): string {
  if (value === null) return '_null';
  const text = cellText(value);
  if (text === '') return '_empty';
  const escaped = Buffer.from(text)
    .toString()
    .replace(/[\p{C}\p{Z}"%*/:<>?\\|{}]/gu, percent);
  // `.` and `..` are folders, and what begins with a dot is hidden; the two words above stay their own.
  return /^(?:\.|_null$|_empty$)/.test(escaped)
    ? `${percent(escaped.charAt(0))}${escaped.slice(1)}`
    : escaped;
}

function percent(character: string): string {
  return Array.from(
    Buffer.from(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}

/** Names that are too long keep their beginning and their ending, and differ by what tells them apart. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= mostOfName) return name;
  const ending = /(?:\.[A-Za-z0-9]{1,8}){0,2}$/.exec(name)?.[0] ?? '';
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const room = mostOfName - ending.length - digest.length - 1;
  const beginning = Buffer.from(name).subarray(0, room).toString().replace(/�+$/, '');
  return `${beginning}~${digest}${ending}`;
}
