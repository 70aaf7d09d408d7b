// A table's groups → JSON rows `{"word":"the","count":12},{…}`, resumable at any row.

import { writeEscaped } from "./escape";
import {
  AVERAGE, CELL, COUNT, END, GREATEST, KEY, LEAST, other, OTHER_LENGTH, PART, RESULT, SUM, TOTAL, VALUE_COUNT,
} from "./format";
import { allocate, copyShort, release } from "./memory";
import { NUMBER_ROOM, writeNumber, writeWhole } from "./number";
import { setCoding } from "./result";
import { isLeftOut, isOrdered } from "./order";
import { plainArea } from "./scratch";
import { entryAt, keyOf, Table } from "./table";
import { hasExtremes, sumOf, valueOf } from "./values";

/**
 * Writes rows from number `row` on while they fit `capacity`; the overflow group is the last one.
 * In key order when the table was put in order since it last changed, else as first seen.
 * The output has 32 bytes of room behind `capacity`.
 */
export function writeRows(table: Table, cells: usize, row: u32, out: usize, capacity: u32, following: bool): void {
  const limit = out + capacity;
  const fixed = fixedRoom(cells);
  const ordered = isOrdered(table);
  const size = table.size + ((table.overflow != 0) as u32);
  let to = out;
  let written: u32 = 0;
  for (; row < size; row++) {
    if (ordered && (row & AHEAD) == 0) fetchEntries(table, row);
    let entry = table.overflow;
    if (row < table.size) {
      // Those without a row are the last in the order.
      if (ordered && row >= table.orderSize) continue;
      entry = ordered ? (load<u32>(table.order + (row << 2)) as usize) : entryAt(table, row);
      if (isLeftOut(table, entry)) continue;
    }
    const comma = (following || written > 0) as usize;
    const most = (load<u32>(entry, 16) as u64) * 6 + fixed;
    if (((to + comma) as u64) + most <= (limit as u64)) {
      store<u8>(to, 0x2c);
      to = writeRow(table, entry, cells, to + comma);
    } else {
      // May not fit: written aside, to see.
      const aside = plainArea(most as u32);
      const length = (writeRow(table, entry, cells, aside) - aside) as u32;
      if (to + comma + length > limit) break;
      store<u8>(to, 0x2c);
      memory.copy(to + comma, aside, length);
      to += comma + length;
    }
    written++;
  }
  setCoding(written, row, (to - out) as u32, 0);
}

/** Rows are fetched in groups of one more than this, so that their cache misses overlap. */
const AHEAD: u32 = 31;

let touched: u32 = 0;

function fetchEntries(table: Table, row: u32): void {
  let all: u32 = 0;
  const end = table.order + (min(row + AHEAD + 1, table.orderSize) << 2);
  for (let at = table.order + (row << 2); at < end; at += 4) all |= load<u32>(load<u32>(at), 16);
  touched = all;
}

/** The most a row takes besides its key, and room to write in whole words. */
function fixedRoom(cells: usize): u64 {
  let room: u64 = 32;
  let cell = cells;
  for (; load<u32>(cell) != END; cell += CELL) room += load<u32>(cell, 12) + NUMBER_ROOM;
  return room + load<u32>(cell, 12);
}

function writeRow(table: Table, entry: usize, cells: usize, to: usize): usize {
  let cell = cells;
  for (; load<u32>(cell) != END; cell += CELL) {
    to = writeFragment(cell, to);
    const kind = load<u32>(cell) & 0xff;
    const index = load<u32>(cell, 4);
    if (kind == KEY) {
      store<u8>(to, 0x22);
      to = writeEscaped(keyOf(entry), load<u32>(entry, 16), to + 1);
      store<u8>(to++, 0x22);
    } else if (kind == PART) {
      to = writePart(entry, entry == table.overflow, index, to);
    } else if (kind == COUNT) {
      to = writeWhole(load<u64>(entry, 24), to);
    } else if (kind == RESULT) {
      to = writeResult(table, entry, index, to);
    } else {
      to = writeValue(table, valueOf(table, entry, index), kind, to);
    }
  }
  return writeFragment(cell, to);
}

// @ts-ignore: decorator
@inline
function writeFragment(cell: usize, to: usize): usize {
  const length = load<u32>(cell, 12);
  copyShort(to, load<u32>(cell, 8), length);
  return to + length;
}

function writePart(entry: usize, isOverflow: bool, index: u32, to: usize): usize {
  if (isOverflow) {
    memory.copy(to, other, OTHER_LENGTH);
    return to + OTHER_LENGTH;
  }
  let from = keyOf(entry);
  const end = from + load<u32>(entry, 16);
  for (let skip = index; skip > 0 && from < end; from++) skip -= (load<u8>(from) == 0) as u32;
  let stop = from;
  while (stop < end && load<u8>(stop) != 0) stop++;
  memory.copy(to, from, stop - from);
  return to + (stop - from);
}

/** Room for so many numbers of each group, for rows. */
export function resultsOf(table: Table, each: u32): usize {
  release(table.results, table.resultsBytes);
  table.resultsEach = each;
  table.resultsBytes = (table.size * each) << 3;
  table.results = allocate(table.resultsBytes);
  return table.results;
}

/** NaN is no number; nor has a group one that came since, or the overflow group. */
function writeResult(table: Table, entry: usize, index: u32, to: usize): usize {
  const place = (load<u32>(entry, 20) * table.resultsEach + index) << 3;
  if (entry == table.overflow || place >= table.resultsBytes) return writeNull(to);
  const number = load<f64>(table.results + place);
  return number == number ? writeNumber(number, to) : writeNull(to);
}

// @ts-ignore: decorator
@inline
function writeNull(to: usize): usize {
  store<u32>(to, 0x6c6c756e);
  return to + 4;
}

function writeValue(table: Table, value: usize, kind: u32, to: usize): usize {
  const count = load<f64>(value);
  if (kind == VALUE_COUNT) return writeNumber(count, to);
  if (kind == TOTAL) return writeNumber(sumOf(value), to);
  // No value, so no sum or least one either.
  if (count == 0) return writeNull(to);
  if (kind == SUM) return writeNumber(sumOf(value), to);
  if (kind == LEAST) return writeNumber(hasExtremes(table) ? load<f64>(value, 24) : Infinity, to);
  if (kind == GREATEST) return writeNumber(hasExtremes(table) ? load<f64>(value, 32) : -Infinity, to);
  return kind == AVERAGE ? writeNumber(sumOf(value) / count, to) : to;
}
