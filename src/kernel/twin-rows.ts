// The twin's rows: groups → JSON, and JSON spelled just so → groups. Text is one character per byte.

import { stringifyNumber } from '../envelope/json.ts';
import { countingCells } from './format.ts';
import type { Cell, RowFormat } from './kernel.ts';
import type { TwinGroup, TwinValue } from './twin-group.ts';
import { settled } from './settled.ts';
import { decodeString } from './twin-read.ts';

export function writeRow(group: TwinGroup, isOverflow: boolean, format: RowFormat): string {
  const cells = format.cells.map((cell) => latin1(cell.before) + writeCell(group, isOverflow, cell));
  return cells.join('') + latin1(format.end);
}

function writeCell(group: TwinGroup, isOverflow: boolean, { kind, index }: Cell): string {
  if (kind === 'key') return quote(group.key);
  if (kind === 'part') return isOverflow ? '"_other"' : (group.key.split('\0')[index] ?? '');
  if (kind === 'count') return String(group.count);
  // NaN is null in JSON too.
  if (kind === 'result') return JSON.stringify(group.results[index] ?? null);
  const value = group.values[index];
  if (value === undefined) throw new RangeError(`Value ${index} of ${group.values.length}`);
  if (kind === 'value-count') return String(value.count);
  const { sum } = settled(value.sum, value.lost);
  if (kind === 'total') return stringifyNumber(sum);
  if (value.count === 0) return 'null';
  const numbers = { sum, least: value.least, greatest: value.greatest, average: sum / value.count };
  return stringifyNumber(numbers[kind]);
}

/** A JSON string of the text, bytes in and bytes out. */
function quote(text: string): string {
  return Buffer.from(JSON.stringify(Buffer.from(text, 'latin1').toString())).toString('latin1');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const stringText = /"((?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*)"/y;
/** What has one spelling only: literals, and whole numbers that a double holds. */
const plainText = /true|false|null|-?[1-9][0-9]{0,14}(?![0-9.eE])|0(?![0-9.eE])/y;
const countText = /(?:[1-9][0-9]{0,14}|0)(?![0-9.eE])/y;
const numberText = /null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE])/y;

export interface ReadRow {
  readonly key: string;
  readonly end: number;
  apply(group: TwinGroup): void;
}

/** Reads the row that starts at `at`, or gives undefined where it is not as `writeRow` writes it. */
export function readRow(text: string, at: number, { cells, end }: RowFormat): ReadRow | undefined {
  const additions: ((group: TwinGroup) => void)[] = [];
  const counting = countingCells(cells);
  let key = '';
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found;
  };

  for (const [place, cell] of cells.entries()) {
    const before = latin1(cell.before);
    if (!text.startsWith(before, at)) return undefined;
    at += before.length;
    if (cell.kind === 'key' || cell.kind === 'part') {
      const quoted = match(stringText);
      const decoded = quoted === undefined ? undefined : decodeString(quoted[1] ?? '');
      if (typeof decoded === 'number') return undefined;
      if (cell.kind === 'key') {
        if (decoded === undefined) return undefined;
        key = decoded;
      } else {
        const plain = decoded === undefined ? match(plainText)?.[0] : quote(decoded);
        if (plain === undefined) return undefined;
        key += (cell.index > 0 ? '\0' : '') + plain;
      }
      continue;
    }
    if (cell.kind === 'average' || cell.kind === 'total' || cell.kind === 'result') return undefined;
    const isCount = cell.kind === 'count' || cell.kind === 'value-count';
    const number = match(isCount ? countText : numberText)?.[0];
    if (number === undefined) return undefined;
    if (cell.kind === 'count') additions.push((group) => (group.count += Number(number)));
    else if (number !== 'null')
      additions.push((group) => addCell(group, cell, Number(number), counting[place] === true));
  }
  const rest = latin1(end);
  if (!text.startsWith(rest, at)) return undefined;
  const apply = (group: TwinGroup): void => additions.forEach((add) => add(group));
  return { key, end: at + rest.length, apply };
}

function addCell(group: TwinGroup, { kind, index }: Cell, number: number, countsOne: boolean): void {
  const value: TwinValue | undefined = group.values[index];
  if (value === undefined) throw new RangeError(`Value ${index} of ${group.values.length}`);
  if (kind === 'value-count') value.count += number;
  else if (kind === 'sum') value.addSum(number);
  else if (kind === 'least') value.addLeast(number);
  else value.addGreatest(number);
  if (countsOne) value.count++;
}
