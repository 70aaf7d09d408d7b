// A whole table as one run of bytes, for another thread, and back into a table there.
//
//   u32 magic, u32 values per group, u32 rows, u32 1 if the first row is the overflow group
//   row: u32 length of key, u64 count, values of 40 bytes each, key
//
// Little endian, nothing aligned. Rows are in the order first seen, so that the numbers of groups do
// not depend on who counted.

import { copyShort } from "./memory";
import { enqueue, fetchQueued, queue, QUEUED, queuedEntry, queueFull } from "./queue";
import { setCoding } from "./result";
import { entryAt, keyOf, overflowEntry, Table, ENTRY_BYTES, SUM_BYTES, VALUE_BYTES } from "./table";
import { hasExtremes, mergeValue } from "./values";

const MAGIC: u32 = 0x314b4c53; // "SLK1"
export const HEADER: u32 = 16;

/** Bytes that `exportTable` needs; a double, for it can be more than 32 bits hold. */
export function exportBytes(table: Table): f64 {
  const rows = (table.size as f64) + (table.overflow != 0 ? 1 : 0);
  return (HEADER as f64) + rows * ((12 + table.values * VALUE_BYTES) as f64) + table.keyBytes + 6 + 16;
}

/** Returns the number of bytes written. */
export function exportTable(table: Table, out: usize): u32 {
  const hasOverflow = table.overflow != 0;
  writeHeader(out, table.values, table.size + (hasOverflow as u32), hasOverflow);
  let to = out + HEADER;
  if (hasOverflow) to = writeGroup(table, table.overflow, to);
  for (let first: u32 = 0; first < table.size; first += table.perChunk) {
    let entry = entryAt(table, first);
    const many = min(table.perChunk, table.size - first);
    for (let index: u32 = 0; index < many; index++, entry += table.stride) to = writeGroup(table, entry, to);
  }
  return (to - out) as u32;
}

export function writeHeader(to: usize, values: u32, rows: u32, hasOverflow: bool): void {
  store<u32>(to, MAGIC);
  store<u32>(to, values, 4);
  store<u32>(to, rows, 8);
  store<u32>(to, hasOverflow as u32, 12);
}

// @ts-ignore: decorator
@inline
function writeGroup(table: Table, entry: usize, to: usize): usize {
  to = writeCount(entry, load<u64>(entry, 24), to);
  const bytes = table.values * VALUE_BYTES;
  if (hasExtremes(table)) {
    if (bytes != 0) memory.copy(to, entry + ENTRY_BYTES, bytes);
    to += bytes;
  } else {
    for (let value = entry + ENTRY_BYTES, left = table.values; left > 0; left--, value += SUM_BYTES) {
      to = writeSum(load<f64>(value), load<f64>(value, 8), load<f64>(value, 16), to);
    }
  }
  return writeKey(entry, to);
}

/** The parts of a row, in their order. Each returns where the next one goes. */
// @ts-ignore: decorator
@inline
export function writeCount(entry: usize, count: u64, to: usize): usize {
  store<u32>(to, load<u32>(entry, 16));
  store<u64>(to, count, 4);
  return to + 12;
}

/** A value without extremes. */
// @ts-ignore: decorator
@inline
export function writeSum(count: f64, sum: f64, lost: f64, to: usize): usize {
  store<f64>(to, count);
  store<f64>(to, sum, 8);
  store<f64>(to, lost, 16);
  store<f64>(to, Infinity, 24);
  store<f64>(to, -Infinity, 32);
  return to + VALUE_BYTES;
}

// @ts-ignore: decorator
@inline
export function writeKey(entry: usize, to: usize): usize {
  const length = load<u32>(entry, 16);
  copyShort(to, keyOf(entry), length);
  return to + length;
}

/**
 * Adds rows of an exported table with the same number of values: at most so many of those that are whole in `length` bytes. The first
 * may be the overflow group. `groups` takes the number of each row's group, u32 each. Tells how many rows it were, and their bytes.
 */
export function absorbRows(table: Table, from: usize, length: u32, most: u32, groups: usize, isOverflow: bool): void {
  const end = from + length;
  const bytes = table.values * VALUE_BYTES;
  let at = from;
  let row: u32 = 0;
  if (isOverflow && most > 0 && isWhole(at, end, bytes)) {
    addGroup(table, overflowEntry(table), at + 4, VALUE_BYTES);
    store<u32>(groups, -1);
    at += 12 + bytes + load<u32>(at);
    row++;
  }
  let to: usize;
  do {
    const first = row;
    let place = places;
    to = queue;
    while (row < most && to < queueFull && isWhole(at, end, bytes)) {
      const size = load<u32>(at);
      const key = at + 12 + bytes;
      store<u32>(place, (at + 4) as u32);
      enqueue(to, key, size);
      at = key + size;
      place += 4;
      to += QUEUED;
      row++;
    }
    addQueued(table, to, groups + (first << 2), VALUE_BYTES);
  } while (to == queueFull);
  setCoding(row, (at - from) as u32, 0, 0);
}

/** Adds the groups of another table with the same values; `groups` as above, without an overflow group. */
export function mergeTable(table: Table, other: Table, groups: usize): void {
  if (other.overflow != 0) addGroup(table, overflowEntry(table), other.overflow + 24, table.valueBytes);
  let group: u32 = 0;
  while (group < other.size) {
    const first = group;
    group = queueGroups(other, first);
    addQueued(table, queue + (group - first) * QUEUED, groups + (first << 2), table.valueBytes);
  }
}

/** Queues groups of a table from one on, as many as there is room for; returns the one to go on with. */
// @ts-ignore: decorator
@inline
export function queueGroups(table: Table, group: u32): u32 {
  let to = queue;
  let place = places;
  let entry = entryAt(table, group);
  let left = table.perChunk - group % table.perChunk;
  for (; group < table.size && to < queueFull; group++) {
    if (left == 0) {
      entry = entryAt(table, group);
      left = table.perChunk;
    }
    store<u32>(place, (entry + 24) as u32);
    enqueue(to, keyOf(entry), load<u32>(entry, 16));
    entry += table.stride;
    left--;
    place += 4;
    to += QUEUED;
  }
  return group;
}

/**
 * Adds what is queued up to `end`, with values of `valueBytes`; `groups` takes the numbers of its groups, and the queue itself,
 * in place of likely entries, those that it was added to.
 */
// @ts-ignore: decorator
@inline
export function addQueued(table: Table, end: usize, groups: usize, valueBytes: u32): void {
  const size = table.size;
  let counted: u32 = 0;
  fetchQueued(table, end);
  let place = places;
  for (let queued = queue; queued < end; queued += QUEUED, place += 4) {
    const entry = queuedEntry(table, queued);
    store<u32>(queued, entry as u32, 16);
    counted += (load<u64>(entry, 24) == 0) as u32;
    addGroup(table, entry, load<u32>(place), valueBytes);
    if (groups != 0) store<u32>(groups + (place - places), load<u32>(entry, 20));
  }
  // Of those that counted nothing before, the others have come anew.
  table.empty -= min(table.empty, counted - (table.size - size));
}

/** Where the counts of queued groups lie, behind each its values. */
export const places: usize = memory.data(256 * 4, 16);

function isWhole(at: usize, end: usize, bytes: u32): bool {
  const left = (end - at) as u32;
  return left >= 12 + bytes && left - 12 - bytes >= load<u32>(at);
}

// @ts-ignore: decorator
@inline
export function addGroup(table: Table, entry: usize, at: usize, valueBytes: u32): void {
  store<u64>(entry, load<u64>(entry, 24) + load<u64>(at), 24);
  let value = entry + ENTRY_BYTES;
  at += 8;
  for (let left = table.values; left > 0; left--, value += table.valueBytes, at += valueBytes) {
    mergeValue(value, at, hasExtremes(table));
  }
}
