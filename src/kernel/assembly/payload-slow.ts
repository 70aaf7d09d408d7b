// The careful reader of a JSON array of strings, behind payload.ts: a byte at a time, in any spelling,
// from any point on. It alone decides what a fault is and where.

import { FINE, MALFORMED, NOT_STRING, setFault, setRecords } from "./result";
import { plainArea } from "./scratch";
import { entryOf, Table } from "./table";
import { isJsonSpace, startsValue } from "./tokens";
import { faultAt, unescape } from "./unescape";
import { countPlain } from "./words";

/** Where in the array the reading goes on. */
export const FIRST_VALUE: u32 = 0;
export const WANT_VALUE: u32 = 1;
export const IN_STRING: u32 = 2;
export const AFTER_VALUE: u32 = 3;

/** Counts what a piece of a string without raw white space decodes to; false at a wrong escape. */
export function countEscaped(table: Table, start: usize, stop: usize): bool {
  const plain = plainArea((stop - start) as u32);
  const end = unescape(start, stop, plain);
  if (end == 0) return false;
  // An escape may be white space, so this can be no word, or several.
  countPlain(table, plain, end);
  return true;
}

/** Goes through the array from `at`, which is before element `strings` or inside the one before that. */
export function countFrom(table: Table, from: usize, at: usize, end: usize, state: u32, strings: u32): u32 {
  while (true) {
    if (state == IN_STRING) {
      at = countString(table, at, end);
      if (at == 0) return setFault(MALFORMED, (stringFault - from) as u32, strings - 1);
      state = AFTER_VALUE;
    }
    while (at < end && isJsonSpace(load<u8>(at))) at++;
    if (state == AFTER_VALUE || state == FIRST_VALUE) {
      if (at == end) {
        setRecords(strings);
        return FINE;
      }
    }
    const byte = at < end ? (load<u8>(at) as u32) : 0;
    if (state == AFTER_VALUE) {
      if (byte != 0x2c) return setFault(MALFORMED, (at - from) as u32, strings);
      state = WANT_VALUE;
    } else if (byte == 0x22) {
      strings++;
      state = IN_STRING;
    } else {
      return setFault(startsValue(byte) ? NOT_STRING : MALFORMED, (at - from) as u32, strings);
    }
    at++;
  }
}

let stringFault: usize = 0;

/** Counts the words from inside a string to its closing quote; returns the place after that, or 0. */
function countString(table: Table, at: usize, end: usize): usize {
  let byte: u32 = 0;
  while (byte != 0x22) {
    while (at < end && load<u8>(at) == 0x20) at++;
    const start = at;
    let escaped = false;
    byte = 0;
    while (at < end) {
      byte = load<u8>(at);
      if (byte == 0x20 || byte == 0x22 || byte < 0x20) break;
      at++;
      if (byte == 0x5c) {
        escaped = true;
        if (at < end && (load<u8>(at) == 0x22 || load<u8>(at) == 0x5c)) at++;
      }
    }
    if (at >= end || byte < 0x20) {
      // Broken off inside a word; a wrong escape before this place is the earlier fault.
      stringFault = at < end ? at : end;
      if (escaped && unescape(start, stringFault, plainArea((stringFault - start) as u32)) == 0) stringFault = faultAt;
      return 0;
    }
    if (escaped) {
      if (!countEscaped(table, start, at)) {
        stringFault = faultAt;
        return 0;
      }
    } else if (at > start) {
      const entry = entryOf(table, start, (at - start) as u32);
      store<u64>(entry, load<u64>(entry, 24) + 1, 24);
    }
  }
  return at + 1;
}
