// Hot. Raw text → counts of its words. The benchmark is test/bench/kernel.js.
// White space is found 64 bytes at a time; a word of up to 16 bytes is two masked loads, one hash, one
// compare, without a branch on its length.
// Words go through a queue: first all are cut out and hashed and their slots fetched, then all are
// compared and counted. Neither loop waits for memory, so cache misses of many words overlap.

import { spaces64 } from "./masks";
import { cleanArea } from "./scratch";
import { entryOfLong, entryOfShort, hashShort, masks, Table } from "./table";
import { isValid, sanitise } from "./utf8";

/** Bytes of one queued word: two words of key, slot, hash, length. A long one holds its address. */
export const QUEUED: u32 = 32;
const QUEUE_ROOM: u32 = 256;
/** A block of 64 bytes ends 32 words at most, so the queue is emptied when less room is left. */
export const QUEUE_FULL: u32 = QUEUE_ROOM - 33;
export const queue: usize = memory.data(32 * 256, 64);

// @ts-ignore: decorator
@inline
export function enqueue(table: Table, to: usize, at: usize, length: u32): void {
  if (length <= 16) {
    const mask = masks + (length << 4);
    const first = load<u64>(at) & load<u64>(mask);
    const second = load<u64>(at, 8) & load<u64>(mask, 8);
    const hash = hashShort(first, second, length);
    store<u64>(to, first);
    store<u64>(to, second, 8);
    store<u64>(to, load<u64>(table.slots + ((hash >> table.shift) << 3)), 16);
    store<u32>(to, hash, 24);
    store<u32>(to, length, 28);
  } else {
    store<u32>(to, at as u32);
    store<u32>(to, length, 28);
  }
}

export function drain(table: Table, end: usize): void {
  for (let at = queue; at < end; at += QUEUED) {
    const first = load<u64>(at);
    const second = load<u64>(at, 8);
    const slot = load<u64>(at, 16);
    const hash = load<u32>(at, 24);
    const length = load<u32>(at, 28);
    let entry: usize = slot as u32;
    if (length > 16) {
      entry = entryOfLong(table, first as u32, length);
    } else if (
      ((slot >> 32) as u32) != hash ||
      ((load<u64>(entry) ^ first) | (load<u64>(entry, 8) ^ second) | ((load<u32>(entry, 16) ^ length) as u64)) != 0
    ) {
      entry = entryOfShort(table, first, second, length, hash);
    }
    store<u64>(entry, load<u64>(entry, 24) + 1, 24);
  }
}

/** Counts the words of valid UTF-8 text. Reads up to 80 bytes past the end. */
export function countPlain(table: Table, from: usize, end: usize): void {
  let start = from;
  let to = queue;
  // 1 while a word reaches over the edge of the block.
  let open: u64 = 0;
  for (let base = from; base < end; base += 64) {
    let space = spaces64(base);
    if (base + 64 > end) space |= (-1 as u64) << ((end - base) as u64);
    const before = (~space << 1) | open;
    let starts = ~space & ~before;
    let ends = space & before;
    if (open == 0) {
      start = base + (ctz(starts) as usize);
      starts &= starts - 1;
    }
    open = ~space >> 63;
    while (ends != 0) {
      const stop = base + (ctz(ends) as usize);
      ends &= ends - 1;
      enqueue(table, to, start, (stop - start) as u32);
      to += QUEUED;
      start = base + (ctz(starts) as usize);
      starts &= starts - 1;
    }
    if (to > queue + QUEUE_FULL * QUEUED) {
      drain(table, to);
      to = queue;
    }
  }
  if (open != 0) {
    enqueue(table, to, start, (end - start) as u32);
    to += QUEUED;
  }
  drain(table, to);
}

/** Counts the words of any bytes; what is not valid UTF-8 counts as its decoded text would. */
export function countWords(table: Table, from: usize, length: u32): void {
  if (!isValid(from, length)) {
    const clean = cleanArea(length * 3);
    length = sanitise(from, length, clean);
    from = clean;
  }
  countPlain(table, from, from + length);
}
