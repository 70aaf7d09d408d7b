// Hot. Lines of text → the inside of a JSON array of strings, the payload of an envelope.
// 16 bytes at a time are copied as they are up to the next byte that ends a line or needs an escape.

import { specials16, escapedLength, writeEscape, writeEscaped } from "./escape";
import { setCoding } from "./result";
import { isValid } from "./utf8";
import { validLength, validText } from "./valid";

/**
 * Encodes lines until input, capacity or `most` lines run out, always whole lines. A line ends with
 * \n, \r\n or the end of the input. The output has 32 bytes of room behind `capacity`.
 * `following`: the output goes on an array that has elements, so it starts with a comma.
 */
export function encodeLines(from: usize, length: u32, out: usize, capacity: u32, most: u32, following: bool): void {
  if (isValid(from, length)) encodeValid(from, length, out, capacity, most, following);
  else encodeDamaged(from, length, out, capacity, most, following);
}

function encodeValid(from: usize, length: u32, out: usize, capacity: u32, most: u32, following: bool): void {
  const end = from + length;
  const limit = out + capacity;
  let at = from;
  let to = out;
  let lines: u32 = 0;
  while (at < end && lines < most) {
    const lineAt = at;
    const lineTo = to;
    // A comma that turns out not to be wanted is written over.
    store<u16>(to, 0x222c);
    to += 1 + ((following || lines > 0) as usize);
    store<u8>(to - 1, 0x22);
    while (to < limit) {
      const bytes = v128.load(at);
      v128.store(to, bytes);
      const step = ctz<u32>(specials16(bytes) | 0x10000) as usize;
      if (at + step >= end) {
        to += end - at;
        at = end;
        break;
      }
      at += step;
      to += step;
      if (step == 16) continue;
      const byte = load<u8>(at) as u32;
      at++;
      if (byte == 0x0a) break;
      if (byte == 0x0d && at < end && load<u8>(at) == 0x0a) {
        at++;
        break;
      }
      to = writeEscape(byte, to);
    }
    store<u8>(to, 0x22);
    // Reached the limit: the line may not be complete, and if it is, its end does not fit.
    if (to >= limit) {
      setCoding(lines, (lineAt - from) as u32, (lineTo - out) as u32, 0);
      return;
    }
    to++;
    lines++;
  }
  setCoding(lines, (at - from) as u32, (to - out) as u32, 0);
}

/** The same for input that is not valid UTF-8 somewhere: each line is looked at by itself. */
function encodeDamaged(from: usize, length: u32, out: usize, capacity: u32, most: u32, following: bool): void {
  const end = from + length;
  const limit = out + capacity;
  let at = from;
  let to = out;
  let lines: u32 = 0;
  let damaged: u32 = 0;
  while (at < end && lines < most) {
    let stop = at;
    while (stop < end && load<u8>(stop) != 0x0a) stop++;
    const next = stop < end ? stop + 1 : end;
    if (stop < end && stop > at && load<u8>(stop - 1) == 0x0d) stop--;
    const text = validText(at, (stop - at) as u32);
    const size = validLength;
    const broken = text != at;
    const comma = (following || lines > 0) as u32;
    const room = (limit - to) as u32;
    // Six times the length is the most a line can need; only near the limit is it worth measuring.
    if ((size as u64) * 6 + 32 > (room as u64) && escapedLength(text, size) + 2 + comma > room) break;
    store<u16>(to, 0x222c);
    to += 1 + comma;
    store<u8>(to - 1, 0x22);
    to = writeEscaped(text, size, to);
    store<u8>(to++, 0x22);
    lines++;
    damaged += broken as u32;
    at = next;
  }
  setCoding(lines, (at - from) as u32, (to - out) as u32, damaged);
}
