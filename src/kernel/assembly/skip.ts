// Passes over one JSON value of any kind, checking it as JSON.parse would, decoding nothing.

import { closingQuote, goodEscapes, hasEscapes, literalEnd, numberTextEnd, skipSpace } from "./tokens";

/** Objects and arrays within each other, as deep as this; deeper ones are left to the caller. */
const DEEPEST: u32 = 1024;
/** One byte per level: 1 for an object, 0 for an array. */
const levels: usize = memory.data(1024, 16);

/** Set when 0 was returned because of depth, not because of a fault. */
export let tooDeep: bool = false;

export function tooDeepReset(): void {
  tooDeep = false;
}

/** End of the string whose opening quote is at `at`, or 0. */
export function stringEnd(at: usize, end: usize): usize {
  const quote = closingQuote(at + 1, end);
  if (quote == 0 || (hasEscapes && !goodEscapes(at + 1, quote))) return 0;
  return quote + 1;
}

/** End of the value that begins at `at`, or 0 where it is not valid. */
export function valueEnd(at: usize, end: usize): usize {
  const byte = at < end ? (load<u8>(at) as u32) : 0;
  return byte == 0x7b || byte == 0x5b ? nestedEnd(at, end) : flatEnd(at, end);
}

/** End of a value that is neither object nor array. */
// @ts-ignore: decorator
@inline
function flatEnd(at: usize, end: usize): usize {
  if (at >= end) return 0;
  const byte = load<u8>(at) as u32;
  if (byte == 0x22) return stringEnd(at, end);
  if (byte == 0x2d || byte - 0x30 < 10) return numberTextEnd(at, end);
  return literalEnd(at, end);
}

/** End of the object or array that begins at `at`, or 0. */
function nestedEnd(at: usize, end: usize): usize {
  let depth: u32 = 0;
  // Each turn stands where a value may begin.
  while (true) {
    const byte = at < end ? (load<u8>(at) as u32) : 0;
    if (byte == 0x7b || byte == 0x5b) {
      if (depth == DEEPEST) {
        tooDeep = true;
        return 0;
      }
      store<u8>(levels + depth, (byte == 0x7b) as u8);
      depth++;
      at = skipSpace(at + 1, end);
      const isEmpty = at < end && load<u8>(at) == (byte + 2);
      if (!isEmpty) {
        if (byte == 0x7b) at = afterName(at, end);
        if (at == 0) return 0;
        continue;
      }
    } else {
      at = flatEnd(at, end);
      if (at == 0) return 0;
      at = skipSpace(at, end);
    }
    // Behind a value, or at the bracket that closes an empty one: close what ends here.
    while (depth > 0) {
      const isObject = load<u8>(levels + depth - 1) != 0;
      const next = at < end ? (load<u8>(at) as u32) : 0;
      if (next == (isObject ? 0x7d : 0x5d)) {
        depth--;
        at++;
        if (depth > 0) at = skipSpace(at, end);
        continue;
      }
      if (next != 0x2c) return 0;
      at = skipSpace(at + 1, end);
      if (isObject) at = afterName(at, end);
      if (at == 0) return 0;
      break;
    }
    if (depth == 0) break;
  }
  return at;
}

/** The place where the value behind a name and a colon begins, or 0. */
export function afterName(at: usize, end: usize): usize {
  if (at >= end || load<u8>(at) != 0x22) return 0;
  at = stringEnd(at, end);
  return at == 0 ? 0 : afterColon(at, end);
}

// @ts-ignore: decorator
@inline
export function afterColon(at: usize, end: usize): usize {
  at = skipSpace(at, end);
  return at < end && load<u8>(at) == 0x3a ? skipSpace(at + 1, end) : 0;
}
