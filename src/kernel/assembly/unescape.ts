// The inside of a JSON string → its text as UTF-8. Where escapes are rare: not hot.

import { BACKSLASH, constants } from "./masks";

/** Where the last call stopped at a fault. */
export let faultAt: usize = 0;

// @ts-ignore: decorator
@inline
function hexDigit(byte: u32): i32 {
  if (byte - 0x30 < 10) return (byte - 0x30) as i32;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? (letter + 10) as i32 : -1;
}

/** The four hexadecimal digits at `at`, or −1. */
function hexFour(at: usize, end: usize): i32 {
  if (at + 4 > end) return -1;
  let value = 0;
  for (let index: usize = 0; index < 4; index++) {
    const digit = hexDigit(load<u8>(at + index));
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

function writeCodePoint(point: u32, to: usize): usize {
  if (point < 0x80) {
    store<u8>(to, point as u8);
    return to + 1;
  }
  if (point < 0x800) {
    store<u8>(to, (0xc0 | (point >> 6)) as u8);
    store<u8>(to, (0x80 | (point & 63)) as u8, 1);
    return to + 2;
  }
  if (point < 0x10000) {
    store<u8>(to, (0xe0 | (point >> 12)) as u8);
    store<u8>(to, (0x80 | ((point >> 6) & 63)) as u8, 1);
    store<u8>(to, (0x80 | (point & 63)) as u8, 2);
    return to + 3;
  }
  store<u8>(to, (0xf0 | (point >> 18)) as u8);
  store<u8>(to, (0x80 | ((point >> 12) & 63)) as u8, 1);
  store<u8>(to, (0x80 | ((point >> 6) & 63)) as u8, 2);
  store<u8>(to, (0x80 | (point & 63)) as u8, 3);
  return to + 4;
}

/**
 * Decodes the string part from `at` up to `end`, which cuts no escape in two. Returns the end of the
 * output, never more than was read (but 16 bytes
 * of room are needed behind), or 0 at an escape that JSON does not know; `faultAt` is its place.
 * A lone surrogate becomes U+FFFD, as it does when JavaScript writes such a string as UTF-8.
 */
export function unescape(at: usize, end: usize, to: usize): usize {
  while (at < end) {
    const bytes = v128.load(at);
    v128.store(to, bytes);
    const plainBytes = ctz<u32>((i8x16.bitmask(i8x16.eq(bytes, v128.load(constants, BACKSLASH))) as u32) | 0x10000) as usize;
    if (plainBytes != 0) {
      const step = min(plainBytes, end - at);
      to += step;
      at += step;
      continue;
    }
    const letter = at + 1 < end ? (load<u8>(at, 1) as u32) : 0;
    let plain: u32 = 0;
    if (letter == 0x22 || letter == 0x5c || letter == 0x2f) plain = letter;
    else if (letter == 0x6e) plain = 0x0a;
    else if (letter == 0x74) plain = 0x09;
    else if (letter == 0x72) plain = 0x0d;
    else if (letter == 0x62) plain = 0x08;
    else if (letter == 0x66) plain = 0x0c;
    if (plain != 0) {
      store<u8>(to++, plain as u8);
      at += 2;
      continue;
    }
    const unit = letter == 0x75 ? hexFour(at + 2, end) : -1;
    if (unit < 0) {
      faultAt = at;
      return 0;
    }
    at += 6;
    let point = unit as u32;
    if ((unit & 0xf800) == 0xd800) {
      point = 0xfffd;
      if (unit < 0xdc00 && at + 6 <= end && load<u16>(at) == 0x755c) {
        const low = hexFour(at + 2, end);
        if ((low & 0xfffffc00) == 0xdc00) {
          point = 0x10000 + ((((unit as u32) & 0x3ff) << 10) | ((low as u32) & 0x3ff));
          at += 6;
        }
      }
    }
    to = writeCodePoint(point, to);
  }
  return to;
}
