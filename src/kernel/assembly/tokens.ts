// Where the tokens of JSON end. Nothing here decodes.

import { specials16 } from "./escape";
import { constants, NINE, ZERO } from "./masks";

/** Whether the string that `closingQuote` went over has a backslash in it. */
export let hasEscapes: bool = false;

/** The quote that closes the string whose inside begins at `at`, or 0; `hasEscapes` tells of backslashes. */
export function closingQuote(at: usize, end: usize): usize {
  hasEscapes = false;
  while (at < end) {
    const step = ctz<u32>(specials16(v128.load(at)) | 0x10000) as usize;
    at += step;
    if (step == 16) continue;
    if (at >= end) return 0;
    const byte = load<u8>(at);
    if (byte == 0x22) return at;
    if (byte != 0x5c) return 0;
    hasEscapes = true;
    at += 2;
  }
  return 0;
}

/** End of true, false, null or a whole number of up to 15 digits, which have one spelling only; else 0. */
export function plainEnd(at: usize, end: usize): usize {
  const literal = literalEnd(at, end);
  if (literal != 0) return literal;
  const start = at < end && load<u8>(at) == 0x2d ? at + 1 : at;
  let stop = start;
  while (stop < end && (load<u8>(stop) as u32) - 0x30 < 10) stop++;
  const digits = stop - start;
  if (digits == 0 || digits > 15) return 0;
  if (load<u8>(start) == 0x30 && (digits > 1 || start > at)) return 0;
  const next = stop < end ? (load<u8>(stop) as u32) : 0;
  return next == 0x2e || (next | 0x20) == 0x65 ? 0 : stop;
}

/** End of the JSON number at `at`, or 0. */
export function numberTextEnd(at: usize, end: usize): usize {
  if (at < end && load<u8>(at) == 0x2d) at++;
  const whole = at;
  at = digitsEnd(at, end);
  if (at == whole || (at > whole + 1 && load<u8>(whole) == 0x30)) return 0;
  if (at < end && load<u8>(at) == 0x2e) {
    const behind = at + 1;
    at = digitsEnd(behind, end);
    if (at == behind) return 0;
  }
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    if (at < end && (load<u8>(at) == 0x2d || load<u8>(at) == 0x2b)) at++;
    const behind = at;
    at = digitsEnd(at, end);
    if (at == behind) return 0;
  }
  return at;
}

// @ts-ignore: decorator
@inline
function digitsEnd(at: usize, end: usize): usize {
  while (at < end) {
    const digits = i8x16.le_u(i8x16.sub(v128.load(at), v128.load(constants, ZERO)), v128.load(constants, NINE));
    const step = ctz<u32>(~(i8x16.bitmask(digits) as u32)) as usize;
    at += step;
    if (step < 16) break;
  }
  return min(at, end);
}

/** End of true, false or null at `at`, or 0. */
export function literalEnd(at: usize, end: usize): usize {
  if (at + 4 <= end && (load<u32>(at) == 0x65757274 || load<u32>(at) == 0x6c6c756e)) return at + 4;
  if (at + 5 <= end && load<u32>(at) == 0x736c6166 && load<u8>(at, 4) == 0x65) return at + 5;
  return 0;
}

// @ts-ignore: decorator
@inline
export function skipSpace(at: usize, end: usize): usize {
  while (at < end && isJsonSpace(load<u8>(at))) at++;
  return at;
}

// @ts-ignore: decorator
@inline
export function isJsonSpace(byte: u32): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09;
}

/** Whether a JSON value that is not a string may begin with this byte. */
export function startsValue(byte: u32): bool {
  return (
    byte == 0x7b || byte == 0x5b || byte == 0x2d || (byte >= 0x30 && byte <= 0x39) ||
    byte == 0x74 || byte == 0x66 || byte == 0x6e
  );
}

/** Whether every backslash in a string begins an escape that JSON knows. */
export function goodEscapes(at: usize, end: usize): bool {
  while (at < end) {
    if (load<u8>(at) != 0x5c) {
      at++;
      continue;
    }
    const letter = load<u8>(at, 1) as u32;
    at += 2;
    if (letter == 0x75) {
      for (const stop = at + 4; at < stop; at++) {
        const byte = at < end ? (load<u8>(at) as u32) : 0;
        if (!(byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6)) return false;
      }
    } else if (
      letter != 0x22 && letter != 0x5c && letter != 0x2f && letter != 0x62 &&
      letter != 0x66 && letter != 0x6e && letter != 0x72 && letter != 0x74
    ) {
      return false;
    }
  }
  return true;
}
