// Hot. Raw text → counts of its words. The benchmark is test/bench/kernel.js.
// White space is found 64 bytes at a time; a word of up to 16 bytes is two masked loads, one hash, one
// compare, without a branch on its length.
// Words go to their entries through the queue.

import { BLANK, constants, FOUR, NINE, spaces64 } from "./masks";
import { enqueue, fetchQueued, queue, QUEUED, queuedEntry, queueFull } from "./queue";
import { Table } from "./table";
import { validLength, validText } from "./valid";

/** Adds one to the count of each word from `queue` to `end`. */
export function countQueued(table: Table, end: usize): void {
  fetchQueued(table, end);
  for (let at = queue; at < end; at += QUEUED) {
    const entry = queuedEntry(table, at);
    store<u64>(entry, load<u64>(entry, 24) + 1, 24);
  }
}

/** Counts the words of valid UTF-8 text. Reads up to 80 bytes past the end. */
export function countPlain(table: Table, from: usize, end: usize): void {
  let start = from;
  let to = queue;
  // 1 while a word reaches over the edge of the block.
  let open: u64 = 0;
  const nine = v128.load(constants, NINE);
  const four = v128.load(constants, FOUR);
  const blank = v128.load(constants, BLANK);
  for (let base = from; base < end; base += 64) {
    let space = spaces64(base, nine, four, blank);
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
      enqueue(to, start, (stop - start) as u32);
      to += QUEUED;
      start = base + (ctz(starts) as usize);
      starts &= starts - 1;
    }
    if (to > queueFull) {
      countQueued(table, to);
      to = queue;
    }
  }
  if (open != 0) {
    enqueue(to, start, (end - start) as u32);
    to += QUEUED;
  }
  countQueued(table, to);
}

/** Counts the words of any bytes; what is not valid UTF-8 counts as its decoded text would. */
export function countWords(table: Table, from: usize, length: u32): void {
  from = validText(from, length);
  length = validLength;
  countPlain(table, from, from + length);
}
