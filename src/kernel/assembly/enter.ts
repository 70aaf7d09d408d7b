// Hot. Tables that enter another one and leave it again in the order they came: the panes of a window that slides.

import { appendBlock, COUNTED, itemBytes, itemsEnd, OPENING, releaseOldest, SUMMED } from "./entered";
import { addGroup, addQueued, HEADER, places, queueGroups, writeCount, writeHeader, writeKey, writeSum } from "./merge";
import { dropOrder } from "./order";
import { queue, QUEUED } from "./queue";
import { removeEmpty } from "./remove";
import { ENTRY_BYTES, overflowEntry, Table } from "./table";
import { addCount } from "./values";

/** So many entries are fetched before they are looked at. */
const AT_ONCE: u32 = 256;

/**
 * Adds the groups of another table with the same values, to leave again. `groups` takes the number of each one's group, u32 each.
 * Returns the largest sum of that table, signs aside, where all are integers that were added up without rounding; else
 * Infinity: nothing is known then of what was lost.
 */
export function enterTable(table: Table, other: Table, groups: usize): f64 {
  let bound: f64 = 0;
  // Without a branch: nearly always all of them are exact.
  let inexact: u32 = (other.overflow != 0) as u32;
  if (other.overflow != 0) addGroup(table, overflowEntry(table), other.overflow + 24, table.valueBytes);
  let item = appendBlock(table, other.size) + OPENING;
  let group: u32 = 0;
  while (group < other.size) {
    const first = group;
    group = queueGroups(other, first);
    const end = queue + (group - first) * QUEUED;
    addQueued(table, end, groups + (first << 2), table.valueBytes);
    let place = places;
    for (let queued = queue; queued < end; queued += QUEUED, place += 4) {
      let from: usize = load<u32>(place);
      store<u32>(item, load<u32>(queued, 16));
      store<u64>(item, load<u64>(from), 4);
      from += 8;
      item += COUNTED;
      for (let left = table.values; left > 0; left--, from += table.valueBytes, item += SUMMED) {
        const sum = load<f64>(from, 8);
        store<f64>(item, load<f64>(from));
        store<f64>(item, sum, 8);
        inexact |= ((load<f64>(from, 16) != 0) as u32) | ((trunc(sum) != sum) as u32);
        bound = abs(sum) > bound ? abs(sum) : bound;
      }
    }
  }
  return inexact == 0 && bound <= 9007199254740991 ? bound : Infinity;
}

/**
 * Takes away what entered first. Of values the counts and sums are right where all that entered is exact; least and greatest
 * stay as they are. Groups that count nothing any more stay until they are more than half of all. Then they are removed, and
 * `before`, with room for a number for each group, takes what those that are left were numbered. Returns whether they were.
 */
export function leaveTable(table: Table, before: usize): bool {
  if (table.oldest == 0) return false;
  const empty = table.empty;
  const end = itemsEnd(table.oldest);
  const stride = itemBytes(table);
  const lastValue = table.values * table.valueBytes;
  for (let item = table.oldest + OPENING; item < end; ) {
    const until = min(end, item + AT_ONCE * stride);
    // As in queue.ts: the cache misses of many entries overlap in a loop that does little else.
    let touched: u32 = 0;
    for (let at = item; at < until; at += stride) {
      const entry: usize = load<u32>(at);
      touched |= load<u32>(entry, 24) | load<u32>(entry + lastValue, 24);
    }
    // Kept where nobody looks, lest the compiler leave the loop out.
    store<u32>(places, touched);
    for (; item < until; item += stride) {
      const entry: usize = load<u32>(item);
      if (entry != 0) table.empty += subtractItem(table, entry, item) as u32;
    }
  }
  releaseOldest(table);
  if (table.empty == empty) return false;
  dropOrder(table);
  if (table.empty <= table.size >> 1) return false;
  removeEmpty(table, before);
  return true;
}

/** Exports what entered as number `place` of all that has not left, as if it were a table of its own. Returns the number of bytes written. */
export function exportEntered(table: Table, place: u32, out: usize): u32 {
  let block = table.oldest;
  for (; block != 0 && place > 0; place--) block = load<u32>(block);
  const end: usize = block == 0 ? 0 : itemsEnd(block);
  const stride = itemBytes(table);
  let rows: u32 = 0;
  let to = out + HEADER;
  for (let item = block + OPENING; item < end; item += stride) {
    const entry: usize = load<u32>(item);
    if (entry == 0) continue;
    to = writeCount(entry, load<u64>(item, 4), to);
    let summed = item + COUNTED;
    for (let left = table.values; left > 0; left--, summed += SUMMED) {
      to = writeSum(load<f64>(summed), load<f64>(summed, 8), 0, to);
    }
    to = writeKey(entry, to);
    rows++;
  }
  writeHeader(out, table.values, rows, false);
  return (to - out) as u32;
}

/** Returns whether the group counts nothing then. */
// @ts-ignore: decorator
@inline
function subtractItem(table: Table, entry: usize, item: usize): bool {
  const count = load<u64>(entry, 24) - load<u64>(item, 4);
  store<u64>(entry, count, 24);
  let value = entry + ENTRY_BYTES;
  item += COUNTED;
  for (let left = table.values; left > 0; left--, value += table.valueBytes, item += SUMMED) {
    addCount(value, -load<f64>(item));
    store<f64>(value, load<f64>(value, 8) - load<f64>(item, 8), 8);
  }
  return count == 0;
}
