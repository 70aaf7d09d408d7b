// Hot. Keys on their way to their entries, many at a time.
// A key is queued hashed; then the slots of all of them are fetched, then all their entries, and then
// each is compared. The loops that fetch are a few instructions long, so that the cache misses of twenty
// and more keys overlap (200,000 distinct words: a fifth faster; five million: twice as fast).

import { entryOfLong, entryOfShort, hashShort, likelyEntry, masks, Table } from "./table";

/** Bytes of a queued key: first and next 8 bytes, likely entry, address, hash, length. */
export const QUEUED: u32 = 32;
const ROOM: u32 = 256;
export const queue: usize = memory.data(32 * 256 + 16, 64);
/** A block of 64 bytes of text ends 32 words at most: with fewer places left the queue is emptied. */
export const queueFull: usize = queue + (ROOM - 33) * QUEUED;

/** Tables up to this size are in the second-level cache; fetching their entries ahead costs 5 to 9 %. */
const CACHED: u32 = 8192;

/** Puts the key of `length` bytes at `at` into the place `to`; the bytes must stay until it is found. */
// @ts-ignore: decorator
@inline
export function enqueue(to: usize, at: usize, length: u32): void {
  if (length <= 16) {
    const mask = masks + (length << 4);
    const first = load<u64>(at) & load<u64>(mask);
    const second = load<u64>(at, 8) & load<u64>(mask, 8);
    const hash = hashShort(first, second, length);
    store<u64>(to, first);
    store<u64>(to, second, 8);
    store<u64>(to, (hash as u64) | ((length as u64) << 32), 24);
  } else {
    store<u64>(to, (length as u64) << 32, 24);
  }
  store<u32>(to, at as u32, 20);
}

/** Fetches what the keys from `queue` to `end` will need. */
// @ts-ignore: decorator
@inline
export function fetchQueued(table: Table, end: usize): void {
  for (let at = queue; at < end; at += QUEUED) {
    store<u32>(at, likelyEntry(table, load<u32>(at, 24)) as u32, 16);
  }
  if (table.size > CACHED) {
    let touched: u32 = 0;
    for (let at = queue; at < end; at += QUEUED) touched |= load<u32>(load<u32>(at, 16), 16);
    // Kept where nobody looks, lest the compiler leave the loop out.
    store<u32>(queue, touched, ROOM * QUEUED);
  }
}

/** Finds or makes the entry of a queued key. */
// @ts-ignore: decorator
@inline
export function queuedEntry(table: Table, at: usize): usize {
  const first = load<u64>(at);
  const second = load<u64>(at, 8);
  const length = load<u32>(at, 28);
  const entry: usize = load<u32>(at, 16);
  if (length > 16) return entryOfLong(table, load<u32>(at, 20), length);
  if (((load<u64>(entry) ^ first) | (load<u64>(entry, 8) ^ second) | ((load<u32>(entry, 16) ^ length) as u64)) == 0) {
    return entry;
  }
  return entryOfShort(table, first, second, length, load<u32>(at, 24));
}
