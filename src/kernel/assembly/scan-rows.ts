// JSON rows that sluice wrote itself → back into a table, without parsing them as JSON: each row must
// be spelled just as rows.ts spells it. The first that is not is named, and the caller parses from there.

import { writeEscaped } from "./escape";
import {
  CELL, COUNT, COUNTS_ONE, END, GREATEST, KEY, LEAST, PART, SUM, VALUE_COUNT,
} from "./format";
import { numberEnd, parseNumber } from "./number";
import { FINE, NOT_CANONICAL, setFault, setRecords } from "./result";
import { cleanArea, plainArea } from "./scratch";
import { closingQuote, hasEscapes, plainEnd } from "./tokens";
import { entryOf, Table } from "./table";
import { unescape } from "./unescape";
import { isValid } from "./utf8";
import { addCount, addGreatest, addLeast, addSum, hasExtremes, valueOf } from "./values";

/** Numbers of one row, until its end is seen to be right; NaN for null. Formats have 64 cells at most. */
const numbers: usize = memory.data(64 * 8, 16);

/** The key of the row being read. */
let keyAt: usize = 0;
let keyLength: u32 = 0;
let partsEnd: usize = 0;

/** Adds rows; at a fault the rows before `faultOffset`, where a row starts, have been added. */
export function addRows(table: Table, cells: usize, from: usize, length: u32): u32 {
  const end = from + length;
  let at = from;
  let rows: u32 = 0;
  if (!isValid(from, length)) return setFault(NOT_CANONICAL, 0, 0);
  // Parts of a key are joined aside; they need no more room than the row.
  const parts = cleanArea(length);
  while (at < end) {
    keyAt = parts;
    keyLength = 0;
    partsEnd = parts;
    const rowEnd = readRow(cells, at, end, parts);
    const last = rowEnd == end;
    if (rowEnd == 0 || (!last && (load<u8>(rowEnd) != 0x2c || rowEnd + 1 == end))) {
      setRecords(rows);
      return setFault(NOT_CANONICAL, (at - from) as u32, rows);
    }
    apply(table, entryOf(table, keyAt, keyLength), cells);
    at = rowEnd + 1;
    rows++;
  }
  setRecords(rows);
  return FINE;
}

/** Reads one row; returns its end, or 0. */
function readRow(cells: usize, at: usize, end: usize, parts: usize): usize {
  let cell = cells;
  for (; load<u32>(cell) != END; cell += CELL) {
    at = afterFragment(cell, at, end);
    if (at == 0) return 0;
    const kind = load<u32>(cell) & 0xff;
    if (kind == KEY) at = readKey(at, end);
    else if (kind == PART) at = readPart(at, end, parts, load<u32>(cell, 4));
    else at = readNumber(at, end, kind, numbers + (((cell - cells) / CELL) << 3));
    if (at == 0) return 0;
  }
  return afterFragment(cell, at, end);
}

/** The place behind the fixed bytes that stand before a cell, or 0 if others stand there. */
export function afterFragment(cell: usize, at: usize, end: usize): usize {
  const wanted: usize = load<u32>(cell, 8);
  const length = load<u32>(cell, 12);
  if (at + length > end) return 0;
  let index: u32 = 0;
  for (; index + 8 <= length; index += 8) {
    if (load<u64>(at + index) != load<u64>(wanted + index)) return 0;
  }
  for (; index < length; index++) {
    if (load<u8>(at + index) != load<u8>(wanted + index)) return 0;
  }
  return at + length;
}

function readKey(at: usize, end: usize): usize {
  if (at >= end || load<u8>(at) != 0x22) return 0;
  const quote = closingQuote(at + 1, end);
  if (quote == 0) return 0;
  keyAt = at + 1;
  keyLength = (quote - keyAt) as u32;
  if (hasEscapes) {
    const plain = plainArea(keyLength);
    const stop = unescape(keyAt, quote, plain);
    if (stop == 0) return 0;
    keyAt = plain;
    keyLength = (stop - plain) as u32;
  }
  return quote + 1;
}

/** Appends one JSON value to the parts of the key. */
function readPart(at: usize, end: usize, parts: usize, index: u32): usize {
  let to = partsEnd;
  if (index > 0) store<u8>(to++, 0);
  let stop: usize;
  if (at < end && load<u8>(at) == 0x22) {
    const quote = closingQuote(at + 1, end);
    if (quote == 0) return 0;
    stop = quote + 1;
    if (hasEscapes) {
      // Escapes can be spelled in more than one way; the key is the way JSON.stringify has.
      const plain = plainArea((quote - at) as u32);
      const textEnd = unescape(at + 1, quote, plain);
      if (textEnd == 0) return 0;
      store<u8>(to++, 0x22);
      to = writeEscaped(plain, (textEnd - plain) as u32, to);
      store<u8>(to++, 0x22);
    } else {
      memory.copy(to, at, stop - at);
      to += stop - at;
    }
  } else {
    stop = plainEnd(at, end);
    if (stop == 0) return 0;
    memory.copy(to, at, stop - at);
    to += stop - at;
  }
  partsEnd = to;
  keyAt = parts;
  keyLength = (to - parts) as u32;
  return stop;
}

function readNumber(at: usize, end: usize, kind: u32, number: usize): usize {
  if (kind == COUNT || kind == VALUE_COUNT) {
    const stop = plainEnd(at, end);
    if (stop == 0 || (load<u8>(at) as u32) - 0x30 >= 10) return 0;
    store<f64>(number, parseNumber(at, stop, false));
    return stop;
  }
  if (at + 4 <= end && load<u32>(at) == 0x6c6c756e) {
    store<f64>(number, NaN);
    return at + 4;
  }
  // An average cannot be added to another one.
  if (kind != SUM && kind != LEAST && kind != GREATEST) return 0;
  store<f64>(number, parseNumber(at, end, false));
  return numberEnd;
}

function apply(table: Table, entry: usize, cells: usize): void {
  let number = numbers;
  for (let cell = cells; load<u32>(cell) != END; cell += CELL, number += 8) {
    const kind = load<u32>(cell) & 0xff;
    if (kind == KEY || kind == PART) continue;
    const given = load<f64>(number);
    if (kind == COUNT) {
      store<u64>(entry, load<u64>(entry, 24) + (given as u64), 24);
      continue;
    }
    if (given != given) continue;
    const value = valueOf(table, entry, load<u32>(cell, 4));
    if ((load<u32>(cell) & COUNTS_ONE) != 0) addCount(value, 1);
    if (kind == VALUE_COUNT) addCount(value, given);
    else if (kind == SUM) addSum(value, given);
    else if (!hasExtremes(table)) continue;
    else if (kind == LEAST) addLeast(value, given);
    else addGreatest(value, given);
  }
}
