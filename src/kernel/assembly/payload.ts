// Hot. The inside of a JSON array of strings → counts of the words in them. No word spans two strings.
//
// 64 bytes at a time: bit masks tell quotes, spaces and escapes apart; as long as the array is written
// without white space between elements (canonical, as lines.ts writes it) a word costs the same as in
// raw text. A word with a backslash is decoded by itself. A block that is anything else is handed,
// with all that follows, to payload-slow.ts, which knows all of JSON's spelling and names the fault.

import {
  BACKSLASH, below64, BLANK, COMMA, constants, CONTROL, equal64, escapeCarry, escapedBytes, prefixXor, QUOTE,
} from "./masks";
import { AFTER_VALUE, countEscaped, countFrom, FIRST_VALUE, IN_STRING, WANT_VALUE } from "./payload-slow";
import { enqueue, queue, QUEUED, queueFull } from "./queue";
import { FINE, MALFORMED, setFault, setRecords } from "./result";
import { Table } from "./table";
import { faultAt } from "./unescape";
import { validLength, validText } from "./valid";
import { countQueued } from "./words";

/**
 * Returns the kind of the first fault, or FINE. What comes before a fault is counted; offsets are those
 * of the text as decoded where the payload is not valid UTF-8.
 */
export function countPayload(table: Table, from: usize, length: u32): u32 {
  from = validText(from, length);
  length = validLength;
  const end = from + length;
  let to = queue;
  let start = from;
  let strings: u32 = 0;
  // What reaches over the edge from the block before, as a bit or, for inString, as 64 of them.
  let open: u64 = 0;
  let openEscaped = false;
  let inString: u64 = 0;
  let escape: u64 = 0;
  let afterClose: u64 = 0;
  let afterComma: u64 = 1;

  const blank = v128.load(constants, BLANK);
  const quote = v128.load(constants, QUOTE);
  const backslash = v128.load(constants, BACKSLASH);
  const comma = v128.load(constants, COMMA);
  const control = v128.load(constants, CONTROL);
  for (let base = from; base < end; base += 64) {
    const a = v128.load(base);
    const b = v128.load(base, 16);
    const c = v128.load(base, 32);
    const d = v128.load(base, 48);
    const left = (end - base) as u64;
    const valid = left >= 64 ? (-1 as u64) : ((1 as u64) << left) - 1;
    let quotes = equal64(a, b, c, d, quote) & valid;
    const backslashes = equal64(a, b, c, d, backslash) & valid;
    let nextEscape: u64 = 0;
    if ((backslashes | escape) != 0) {
      quotes &= ~escapedBytes(backslashes, escape);
      nextEscape = escapeCarry;
    }
    const inside = prefixXor(quotes) ^ inString;
    const opens = quotes & inside;
    const closes = quotes & ~inside;
    const outside = ~(inside | quotes) & valid;
    // After a closing quote comes one comma, after a comma an opening quote, and nothing else.
    let wrong =
      (below64(a, b, c, d, control) & valid) |
      ((outside ^ ((closes << 1) | afterClose)) & valid) |
      ((opens ^ ((outside << 1) | afterComma)) & valid) |
      (outside & ~equal64(a, b, c, d, comma));
    if (left <= 64) wrong |= ~closes & ((1 as u64) << (left - 1));
    if (wrong != 0) {
      countQueued(table, to);
      if (inString != 0) return countFrom(table, from, open != 0 ? start : base, end, IN_STRING, strings);
      const state = afterClose != 0 ? AFTER_VALUE : base == from ? FIRST_VALUE : WANT_VALUE;
      return countFrom(table, from, base, end, state, strings);
    }

    const word = inside & ~(quotes | equal64(a, b, c, d, blank)) & valid;
    const before = (word << 1) | open;
    let starts = word & ~before;
    let ends = before & ~word;
    const escaped = backslashes != 0 || openEscaped;
    if (open == 0) {
      start = base + (ctz(starts) as usize);
      starts &= starts - 1;
    }
    open = word >> 63;
    while (ends != 0) {
      const stop = base + (ctz(ends) as usize);
      ends &= ends - 1;
      if (escaped && hasEscape(backslashes, base, start, stop, openEscaped)) {
        countQueued(table, to);
        to = queue;
        if (!countEscaped(table, start, stop)) {
          const through: u64 = start < base ? 0 : ((1 as u64) << ((start - base) as u64)) - 1;
          const record = strings + (popcnt(opens & through) as u32) - 1;
          return setFault(MALFORMED, (faultAt - from) as u32, record);
        }
      } else {
        enqueue(to, start, (stop - start) as u32);
        to += QUEUED;
      }
      start = base + (ctz(starts) as usize);
      starts &= starts - 1;
    }
    openEscaped = open != 0 && escaped && hasEscape(backslashes, base, start, base + 64, openEscaped);
    if (to > queueFull) {
      countQueued(table, to);
      to = queue;
    }
    strings += popcnt(opens) as u32;
    inString = ((inside as i64) >> 63) as u64;
    escape = nextEscape;
    afterClose = closes >> 63;
    afterComma = outside >> 63;
  }
  countQueued(table, to);
  setRecords(strings);
  return FINE;
}

/** Whether the word holds a backslash; `carried`: a word that began before this block has one there. */
// @ts-ignore: decorator
@inline
function hasEscape(backslashes: u64, base: usize, start: usize, stop: usize, carried: bool): bool {
  if (start < base) {
    if (carried) return true;
    start = base;
  }
  return start < stop && (backslashes >> ((start - base) as u64)) << ((64 - (stop - start)) as u64) != 0;
}
