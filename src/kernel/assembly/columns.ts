// Hot. Columns of text parted by white space, as awk has them: group by one, add up the numbers in others.

import { listNumber, valuesRead } from "./list";
import { BLANK, constants, equal64, FOUR, NEWLINE, NINE, spaces64 } from "./masks";
import { numberEnd, parseColumn } from "./number";
import { FINE, MALFORMED, NOT_STRING, setDamaged, setFault, setRecords } from "./result";
import { plainArea } from "./scratch";
import { entryOf, Table } from "./table";
import { closingQuote, hasEscapes, skipSpace, startsValue } from "./tokens";
import { faultAt, unescape } from "./unescape";
import { validLength, validText } from "./valid";
import { addNumber } from "./values";

/** Where in the record the key and at most 32 values are, as pairs of start and end; 0 when missing. */
const found: usize = memory.data(33 * 8, 16);

/** The numbers of the wanted columns from the left, and NONE behind them. */
const wantedColumns: usize = memory.data(34 * 4, 16);
const NONE: u32 = 0xffffffff;

let keyColumn: u32 = 0;
let valueColumns: usize = 0;
let values: u32 = 0;
let notNumbers: u32 = 0;

/** `columns`: the key's column, 0 for none, then one column per value of the table, all u32, from 1. */
function setColumns(columns: usize): void {
  keyColumn = load<u32>(columns);
  valueColumns = columns + 4;
  values = valuesRead;
  let to = wantedColumns;
  for (let column = columnAfter(columns, 0); column != NONE; column = columnAfter(columns, column), to += 4) {
    store<u32>(to, column);
  }
  store<u32>(to, NONE);
  clearFound();
  notNumbers = 0;
}

/** The first that is wanted behind `column`. */
function columnAfter(columns: usize, column: u32): u32 {
  let next = NONE;
  for (let index: u32 = 0; index <= values; index++) {
    const other = load<u32>(columns + (index << 2));
    if (other > column) next = min(next, other);
  }
  return next;
}

function clearFound(): void {
  for (let index: u32 = 0; index <= values; index++) store<u64>(found + (index << 3), 0);
}

/** Adds each line of a text. */
export function addLines(table: Table, columns: usize, from: usize, length: u32): void {
  from = validText(from, length);
  length = validLength;
  setColumns(columns);
  setRecords(readColumns(table, from, from + length, true));
  setDamaged(notNumbers);
}

/** Adds each string of a payload; a line end in a string is white space like any other. */
export function addStrings(table: Table, columns: usize, from: usize, length: u32): u32 {
  from = validText(from, length);
  length = validLength;
  setColumns(columns);
  const end = from + length;
  let strings: u32 = 0;
  let at = skipSpace(from, end);
  if (at < end) {
    while (true) {
      const byte = at < end ? (load<u8>(at) as u32) : 0;
      if (byte != 0x22) return fail(startsValue(byte) ? NOT_STRING : MALFORMED, (at - from) as u32, strings);
      const start = at + 1;
      const quote = closingQuote(start, end);
      if (quote == 0) return fail(MALFORMED, (at - from) as u32, strings);
      if (hasEscapes) {
        const plain = plainArea((quote - start) as u32);
        const plainEnd = unescape(start, quote, plain);
        if (plainEnd == 0) return fail(MALFORMED, (faultAt - from) as u32, strings);
        readColumns(table, plain, plainEnd, false);
      } else {
        readColumns(table, start, quote, false);
      }
      strings++;
      at = skipSpace(quote + 1, end);
      if (at == end) break;
      if (load<u8>(at) != 0x2c) return fail(MALFORMED, (at - from) as u32, strings);
      at = skipSpace(at + 1, end);
    }
  }
  setRecords(strings);
  setDamaged(notNumbers);
  return FINE;
}

function fail(kind: u32, offset: u32, record: u32): u32 {
  setDamaged(notNumbers);
  return setFault(kind, offset, record);
}

/**
 * Adds the lines of a text, or the whole of it as one record; returns how many. Columns are counted by the places where
 * they end; only those that are wanted are looked at.
 */
function readColumns(table: Table, from: usize, end: usize, isLines: bool): u32 {
  const nine = v128.load(constants, NINE);
  const four = v128.load(constants, FOUR);
  const blank = v128.load(constants, BLANK);
  const newline = v128.load(constants, NEWLINE);
  let records: u32 = 0;
  /** How many columns of this line have ended. */
  let column: u32 = 0;
  let wanted = wantedColumns;
  let next = load<u32>(wanted);
  // Where the column began that reaches over the edge of the block, and 1 while there is one.
  let start = from;
  let open: u64 = 0;
  for (let base = from; base < end; base += 64) {
    let space = spaces64(base, nine, four, blank);
    let lines: u64 = 0;
    if (isLines) {
      lines = equal64(v128.load(base), v128.load(base, 16), v128.load(base, 32), v128.load(base, 48), newline);
    }
    const left = (end - base) as u64;
    if (left < 64) {
      space |= (-1 as u64) << left;
      lines &= ((1 as u64) << left) - 1;
    }
    let ends = space & ((~space << 1) | open);
    open = ~space >> 63;
    while (true) {
      const line = lines & -lines;
      // Up to the end of the line, or of the block.
      const within = line | (line - 1);
      let rest = ends & within;
      let many = popcnt(rest) as u32;
      while (column + many >= next) {
        many -= next - column;
        for (; column + 1 < next; column++) rest &= rest - 1;
        const before = space & ((rest & -rest) - 1);
        keepColumn(next, before == 0 ? start : base + 64 - (clz(before) as usize), base + (ctz(rest) as usize));
        rest &= rest - 1;
        column = next;
        wanted += 4;
        next = load<u32>(wanted);
      }
      column += many;
      if (line == 0) break;
      addRecord(table);
      records++;
      column = 0;
      wanted = wantedColumns;
      next = load<u32>(wanted);
      ends &= ~within;
      lines ^= line;
    }
    if (space != 0) start = base + 64 - (clz(space) as usize);
  }
  if (open != 0 && column + 1 == next) keepColumn(next, start, end);
  const isOpenLine = isLines ? end > from && load<u8>(end - 1) != 0x0a : true;
  if (isOpenLine) {
    addRecord(table);
    records++;
  }
  return records;
}

// @ts-ignore: decorator
@inline
function keepColumn(column: u32, start: usize, stop: usize): void {
  if (column == keyColumn) {
    store<u32>(found, start as u32);
    store<u32>(found, stop as u32, 4);
  }
  for (let value: u32 = 0; value < values; value++) {
    if (load<u32>(valueColumns + (value << 2)) == column) {
      store<u32>(found + (value << 3), start as u32, 8);
      store<u32>(found + (value << 3), stop as u32, 12);
    }
  }
}

function addRecord(table: Table): void {
  const key: usize = load<u32>(found);
  let length = load<u32>(found, 4) - (key as u32);
  // The dash of a log stands for nothing: it is the same key as a missing column.
  if (length == 1 && load<u8>(key) == 0x2d) length = 0;
  const entry = entryOf(table, key, length);
  store<u64>(entry, load<u64>(entry, 24) + 1, 24);
  for (let value: u32 = 0; value < values; value++) {
    const start: usize = load<u32>(found + (value << 3), 8);
    const stop: usize = load<u32>(found + (value << 3), 12);
    if (start == 0 || (stop - start == 1 && load<u8>(start) == 0x2d)) continue;
    const number = parseColumn(start, stop);
    if (numberEnd == stop) {
      if (value < table.values) addNumber(table, entry, value, number);
      listNumber(entry, value, number);
    } else {
      notNumbers++;
    }
  }
  clearFound();
}
