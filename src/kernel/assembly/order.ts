// The groups of a table in the order of their keys' bytes (as memcmp has it, the shorter first).
// Most significant byte first, eight bytes of key at a time beside the address of the entry, so that
// an entry is touched once per eight bytes that tie, not once per compare.

import { allocate, release } from "./memory";
import { entryAt, keyOf, masks, Table } from "./table";

/** One item: eight bytes of key, most significant first, and the entry's address. */
const ITEM: u32 = 16;
/** Up to this many items inserting one by one is quicker than counting into 256 places. */
const FEW: u32 = 24;
/** Keys that tie for so many bytes are compared whole, so that recursion has a floor. */
const DEEPEST: u32 = 128;

let counts: usize = 0;

/** Puts the table's groups in order and keeps that order in the table until it changes. */
export function orderTable(table: Table): void {
  if (isOrdered(table)) return;
  dropOrder(table);
  const size = table.size - table.empty;
  table.order = allocate(size << 2);
  table.orderSize = size;
  const bytes = size * ITEM;
  const items = allocate(bytes);
  // One row of counts for each byte of depth that the recursion can have, and the bounds of the first parting.
  const countBytes: u32 = (DEEPEST + 16) * 1024;
  counts = allocate(countBytes + 1024);
  const ends = counts + countBytes;
  const shift = firstDifference(table);
  // Items go straight to the part of their first byte that differs: sorting then needs room aside for one part only.
  countFirst(table, ends, shift);
  placeItems(table, items, ends, shift);
  let largest: u32 = 0;
  let from: u32 = 0;
  for (let end = ends; end < ends + 1024; end += 4) {
    largest = max(largest, load<u32>(end) - from);
    from = load<u32>(end);
  }
  const other = allocate(largest * ITEM);
  from = 0;
  for (let end = ends; end < ends + 1024; end += 4) {
    const to = load<u32>(end);
    if (to - from > 1) sortItems(items + from * ITEM, other, to - from, 0, shift - 8);
    from = to;
  }
  for (let index: u32 = 0; index < size; index++) {
    store<u32>(table.order + (index << 2), load<u32>(items + index * ITEM, 8));
  }
  release(other, largest * ITEM);
  release(counts, countBytes + 1024);
  release(items, bytes);
}

/** In order, and no key has come or gone since. */
export function isOrdered(table: Table): bool {
  return table.order != 0 && table.orderSize == table.size - table.empty;
}

export function dropOrder(table: Table): void {
  release(table.order, table.orderSize << 2);
  table.order = 0;
  table.orderSize = 0;
}

/** Groups that count nothing any more have no row. */
// @ts-ignore: decorator
@inline
export function isLeftOut(table: Table, entry: usize): bool {
  return table.empty != 0 && load<u64>(entry, 24) == 0;
}

/** How far to shift the first eight bytes of a key for the first byte in which keys differ; 0 where they all tie. */
function firstDifference(table: Table): i32 {
  if (table.size == 0) return 0;
  const word = load<u64>(entryAt(table, 0));
  let differs: u64 = 0;
  for (let first: u32 = 0; first < table.size; first += table.perChunk) {
    let entry = entryAt(table, first);
    const many = min(table.perChunk, table.size - first);
    for (let index: u32 = 0; index < many; index++, entry += table.stride) differs |= load<u64>(entry) ^ word;
  }
  return differs == 0 ? 0 : 56 - ((clz<u64>(bswap<u64>(differs)) as i32) & ~7);
}

// @ts-ignore: decorator
@inline
function placeOf(word: u64, places: usize, shift: i32): usize {
  return places + ((((word >> (shift as u64)) as u32) & 0xff) << 2);
}

/** Where the items of each first byte begin. */
function countFirst(table: Table, places: usize, shift: i32): void {
  memory.fill(places, 0, 1024);
  for (let first: u32 = 0; first < table.size; first += table.perChunk) countChunk(table, first, places, shift);
  countsToStarts(places);
}

export function countChunk(table: Table, first: u32, places: usize, shift: i32): void {
  let entry = entryAt(table, first);
  const many = min(table.perChunk, table.size - first);
  for (let index: u32 = 0; index < many; index++, entry += table.stride) {
    if (isLeftOut(table, entry)) continue;
    const place = placeOf(bswap<u64>(load<u64>(entry)), places, shift);
    store<u32>(place, load<u32>(place) + 1);
  }
}

/** Moves each start to the end of its items. */
function placeItems(table: Table, items: usize, places: usize, shift: i32): void {
  for (let first: u32 = 0; first < table.size; first += table.perChunk) placeChunk(table, first, items, places, shift);
}

export function placeChunk(table: Table, first: u32, items: usize, places: usize, shift: i32): void {
  let entry = entryAt(table, first);
  const many = min(table.perChunk, table.size - first);
  for (let index: u32 = 0; index < many; index++, entry += table.stride) {
    if (isLeftOut(table, entry)) continue;
    const word = bswap<u64>(load<u64>(entry));
    const place = placeOf(word, places, shift);
    const to = load<u32>(place);
    store<u32>(place, to + 1);
    store<u64>(items + to * ITEM, word);
    store<u32>(items + to * ITEM, entry as u32, 8);
  }
}

function countsToStarts(places: usize): void {
  let sum: u32 = 0;
  for (let place = places; place < places + 1024; place += 4) {
    sum += load<u32>(place);
    store<u32>(place, sum - load<u32>(place));
  }
}

/** Sorts by the bytes from `shift` down, the ones above being equal; `depth` bytes of key came before. */
function sortItems(items: usize, other: usize, size: u32, depth: u32, shift: i32): void {
  if (size <= FEW) {
    sortFew(items, size, depth);
    return;
  }
  const places = counts + ((depth + 7 - (shift >> 3)) << 10);
  const end = items + size * ITEM;
  while (true) {
    if (shift < 0) {
      sortTied(items, other, size, depth);
      return;
    }
    memory.fill(places, 0, 1024);
    for (let at = items; at < end; at += ITEM) {
      const place = placeOf(load<u64>(at), places, shift);
      store<u32>(place, load<u32>(place) + 1);
    }
    if (load<u32>(placeOf(load<u64>(items), places, shift)) != size) break;
    shift -= 8;
  }
  countsToStarts(places);
  for (let at = items; at < end; at += ITEM) {
    const place = placeOf(load<u64>(at), places, shift);
    const index = load<u32>(place);
    store<u32>(place, index + 1);
    v128.store(other + index * ITEM, v128.load(at));
  }
  memory.copy(items, other, size * ITEM);
  // Each place now holds where its items end.
  let from: u32 = 0;
  for (let place = places; place < places + 1024; place += 4) {
    const to = load<u32>(place);
    if (to - from > 1) sortItems(items + from * ITEM, other, to - from, depth, shift - 8);
    from = to;
  }
}

/** Sorts items whose eight bytes at `depth` are all equal, zeros standing for bytes a key has not. */
function sortTied(items: usize, other: usize, size: u32, depth: u32): void {
  const next = depth + 8;
  if (next >= DEEPEST) {
    sortHeap(items, size);
    return;
  }
  // Keys that end here are each the start of all longer ones: they come first, at most nine of them.
  let ended: u32 = 0;
  for (let index: u32 = 0; index < size; index++) {
    const at = items + index * ITEM;
    const entry: usize = load<u32>(at, 8);
    if (load<u32>(entry, 16) <= next) {
      const item = v128.load(at);
      v128.store(at, v128.load(items + ended * ITEM));
      v128.store(items + ended * ITEM, item);
      ended++;
    }
  }
  sortFew(items, ended, depth);
  for (let at = items + ended * ITEM, end = items + size * ITEM; at < end; at += ITEM) {
    store<u64>(at, keyWord(load<u32>(at, 8), next));
  }
  sortItems(items + ended * ITEM, other, size - ended, next, 56);
}

/** Eight bytes of a key, most significant first, zeros behind its end. */
function keyWord(entry: usize, depth: u32): u64 {
  const length = load<u32>(entry, 16);
  const left = length - depth;
  const word = load<u64>(keyOf(entry) + depth);
  return bswap<u64>(left >= 8 ? word : word & load<u64>(masks + (left << 4)));
}

function sortFew(items: usize, size: u32, depth: u32): void {
  for (let index: u32 = 1; index < size; index++) {
    const item = v128.load(items + index * ITEM);
    const word = load<u64>(items + index * ITEM);
    const entry: usize = load<u32>(items + index * ITEM, 8);
    let to = items + index * ITEM;
    while (to > items) {
      const before = load<u64>(to - ITEM);
      if (before < word || (before == word && compareKeys(load<u32>(to - ITEM, 8), entry, depth) < 0)) break;
      v128.store(to, v128.load(to - ITEM));
      to -= ITEM;
    }
    v128.store(to, item);
  }
}

/** Compares two keys that are equal in their first `depth` bytes. */
function compareKeys(left: usize, right: usize, depth: u32): i32 {
  const leftLength = load<u32>(left, 16);
  const rightLength = load<u32>(right, 16);
  const least = min(leftLength, rightLength);
  const leftKey = keyOf(left);
  const rightKey = keyOf(right);
  let at = depth;
  while (at + 8 <= least) {
    const a = load<u64>(leftKey + at);
    const b = load<u64>(rightKey + at);
    if (a != b) return bswap<u64>(a) < bswap<u64>(b) ? -1 : 1;
    at += 8;
  }
  while (at < least) {
    const difference = (load<u8>(leftKey + at) as i32) - (load<u8>(rightKey + at) as i32);
    if (difference != 0) return difference;
    at++;
  }
  return (leftLength as i32) - (rightLength as i32);
}

/** Compares whole keys; no recursion and no worst case, for keys that agree for very long. */
function sortHeap(items: usize, size: u32): void {
  for (let root = size >> 1; root > 0; root--) sink(items, root - 1, size);
  for (let last = size - 1; last > 0; last--) {
    const item = v128.load(items);
    v128.store(items, v128.load(items + last * ITEM));
    v128.store(items + last * ITEM, item);
    sink(items, 0, last);
  }
}

function sink(items: usize, root: u32, size: u32): void {
  while (true) {
    let child = (root << 1) + 1;
    if (child >= size) return;
    if (child + 1 < size && isBefore(items + child * ITEM, items + child * ITEM + ITEM)) child++;
    if (!isBefore(items + root * ITEM, items + child * ITEM)) return;
    const item = v128.load(items + root * ITEM);
    v128.store(items + root * ITEM, v128.load(items + child * ITEM));
    v128.store(items + child * ITEM, item);
    root = child;
  }
}

// @ts-ignore: decorator
@inline
function isBefore(left: usize, right: usize): bool {
  return compareKeys(load<u32>(left, 8), load<u32>(right, 8), 0) < 0;
}
