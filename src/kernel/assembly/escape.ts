// Text → the inside of a JSON string, byte for byte what JSON.stringify writes.

import { BACKSLASH, constants, CONTROL, QUOTE } from "./masks";

/** 0: as it is; 1: \u00xx; otherwise the letter after the backslash. */
const escapes: usize = memory.data<u8>([
  1, 1, 1, 1, 1, 1, 1, 1, 0x62, 0x74, 0x6e, 1, 0x66, 0x72, 1, 1,
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  0, 0, 0x22,
]);

/** Bits of the 16 bytes that cannot stand in a JSON string as they are. */
// @ts-ignore: decorator
@inline
export function specials16(bytes: v128): u32 {
  return i8x16.bitmask(
    v128.or(
      i8x16.le_u(bytes, v128.load(constants, CONTROL)),
      v128.or(i8x16.eq(bytes, v128.load(constants, QUOTE)), i8x16.eq(bytes, v128.load(constants, BACKSLASH))),
    ),
  ) as u32;
}

/** Writes the escape of a special byte; returns where the output goes on. */
// @ts-ignore: decorator
@inline
export function writeEscape(byte: u32, to: usize): usize {
  const letter = byte == 0x5c ? 0x5c : (load<u8>(escapes + byte) as u32);
  if (letter != 1) {
    store<u16>(to, (0x5c | (letter << 8)) as u16);
    return to + 2;
  }
  store<u32>(to, 0x3030755c); // "\u00"
  const low = byte & 15;
  store<u8>(to, (0x30 + (byte >> 4)) as u8, 4);
  store<u8>(to, (low < 10 ? 0x30 + low : 0x57 + low) as u8, 5);
  return to + 6;
}

/** Writes valid text escaped; needs room for six times its length and 16 bytes, reads 16 past the end. */
export function writeEscaped(from: usize, length: u32, to: usize): usize {
  const end = from + length;
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    v128.store(to, bytes);
    const step = ctz<u32>(specials16(bytes) | 0x10000) as usize;
    if (at + step >= end) return to + (end - at);
    at += step;
    to += step;
    if (step < 16) {
      to = writeEscape(load<u8>(at), to);
      at++;
    }
  }
}

/** How many bytes `writeEscaped` would write. */
export function escapedLength(from: usize, length: u32): u32 {
  let sum = length;
  for (let at = from, end = from + length; at < end; at++) {
    const byte = load<u8>(at) as u32;
    if (byte == 0x5c) sum++;
    else if (byte <= 0x22) {
      const letter = load<u8>(escapes + byte);
      if (letter == 1) sum += 5;
      else if (letter != 0) sum++;
    }
  }
  return sum;
}
