// Hot. Lines that a template describes, literal text and fields in turn → JSON objects of the fields that are wanted. Only
// what is plain is done here: the first line that is not is left to the caller, who knows all the rules (template.ts of ingest).
//
// A template, put into memory by wasm.ts, all u32: address and length of what each line begins with, how many steps, flags, bytes of all names. Then
// for each field a step: address and length of the literal behind it, flags, spaces that belong to it, and four outputs (its value,
// then the three parts of a request), each the address and length of the bytes in front of it, 0 where it is not wanted, and how it is read.

import { writeEscaped } from "./escape";
import { BACKSLASH, constants } from "./masks";
import { copyShort } from "./memory";
import { lineEnd } from "./objects";
import { setCoding } from "./result";

/** Bytes of the description of a template ahead of its steps, and of a step. */
const HEAD: u32 = 20;
const STEP: u32 = 64;
/** Where in a step its outputs are, and how long each is. */
const OUTPUTS: usize = 16;
const OUTPUT: usize = 12;

/** Flags of a template. */
const ESCAPES: u32 = 1;
const MISSING_IS_EMPTY: u32 = 2;
/** Flags of a step. */
const AHEAD: u32 = 1;
const QUOTED: u32 = 2;
const LIST: u32 = 4;
const STATUS: u32 = 8;
const REQUEST: u32 = 16;
const BOUNDED: u32 = 32;

/** How a value is read. */
const TEXT: u32 = 0;
const GUESS: u32 = 1;
const NUMBER: u32 = 3;

const SPACE: u32 = 0x20;
const DASH: u32 = 0x2d;

let hasEscapes: bool = false;
let missingIsEmpty: bool = false;
/** Where the output goes on; 0 once a value is not plain. */
let to: usize = 0;

/**
 * Encodes lines as the elements of a JSON array, up to the first that is not plain or that may not fit. Empty lines are passed over.
 * Returns the number of lines. Input is valid UTF-8.
 */
export function encodeTemplate(template: usize, from: usize, length: u32, out: usize, capacity: u32): u32 {
  const flags = load<u32>(template, 12);
  hasEscapes = (flags & ESCAPES) != 0;
  missingIsEmpty = (flags & MISSING_IS_EMPTY) != 0;
  const end = from + length;
  const limit = out + capacity;
  // Besides six bytes for each of the line, twice: a value that is missing is four.
  const room = load<u32>(template, 16) + (load<u32>(template, 8) << 4) + 16;
  let at = from;
  let lines: u32 = 0;
  let records: u32 = 0;
  to = out;
  while (at < end) {
    const newline = lineEnd(at, end);
    const stop = newline > at && newline < end && load<u8>(newline - 1) == 0x0d ? newline - 1 : newline;
    if (stop > at) {
      const before = to;
      if (to + 12 * (stop - at) + room > limit) break;
      if (records > 0) store<u8>(to++, 0x2c);
      if (!encodeLine(template, at, stop)) {
        to = before;
        break;
      }
      records++;
    }
    at = min(newline + 1, end);
    lines++;
  }
  setCoding(records, (at - from) as u32, (to - out) as u32, 0);
  return lines;
}

/** False where the line is not plain. */
function encodeLine(template: usize, start: usize, end: usize): bool {
  const prefixLength = load<u32>(template, 4);
  if (!matches(start, end, load<u32>(template), prefixLength)) return false;
  let at = start + prefixLength;
  let step = template + HEAD;
  for (const last = step + load<u32>(template, 8) * STEP; step < last; step += STEP) {
    const from = at;
    const literal: usize = load<u32>(step);
    const literalLength = load<u32>(step, 4);
    const flags = load<u32>(step, 8);
    let isEscaped = false;
    if (literalLength == 0) {
      at = end;
      // What begins the literal behind the first field would begin a field of its own.
      if ((flags & BOUNDED) != 0 && has(from, end, load<u8>(load<u32>(template, HEAD)))) return false;
      if (hasEscapes) isEscaped = has(from, end, 0x5c);
    } else {
      const first = load<u8>(literal) as u32;
      if ((flags & (LIST | QUOTED)) == LIST) at = listEnd(at, end, first);
      for (let spaces = load<u32>(step, 12); spaces > 0; spaces--) at = pastSpace(at, end);
      const wanted = i8x16.splat(first as i8);
      while (true) {
        const bytes = v128.load(at);
        let found = i8x16.eq(bytes, wanted);
        if (hasEscapes) found = v128.or(found, i8x16.eq(bytes, v128.load(constants, BACKSLASH)));
        const bits = i8x16.bitmask(found) as u32;
        at += ctz<u32>(bits | 0x10000) as usize;
        if (at >= end) return false;
        if (bits == 0) continue;
        if ((load<u8>(at) as u32) == first) {
          if (literalLength == 1 || matches(at, end, literal, literalLength)) break;
          at++;
        } else {
          // What a backslash stands in front of is part of the value, in quotes.
          isEscaped = true;
          at += (flags & QUOTED) != 0 ? 2 : 1;
        }
      }
    }
    if ((flags & STATUS) != 0 && !isDigit(load<u8>(from)) && (load<u8>(from) as u32) != DASH) return false;
    writeField(step, flags, from, at, isEscaped);
    if (to == 0) return false;
    if ((flags & AHEAD) == 0) at += literalLength;
  }
  if (at < end) return false;
  store<u8>(to++, 0x7d);
  return true;
}

// @ts-ignore: decorator
@inline
function writeField(step: usize, flags: u32, start: usize, end: usize, isEscaped: bool): void {
  const output = step + OUTPUTS;
  if (load<u32>(output, 4) != 0) {
    const length = (end - start) as u32;
    const isMissing = missingIsEmpty ? length == 0 : length == 1 && (load<u8>(start) as u32) == DASH;
    if (isMissing) writeNull(output);
    else writeValue(output, start, end, isEscaped);
  }
  if ((flags & REQUEST) != 0 && to != 0) writeParts(output + OUTPUT, start, end, isEscaped);
}

/** `GET /path HTTP/1.1`; what is not of HTTP has no such parts. */
function writeParts(outputs: usize, start: usize, end: usize, isEscaped: bool): void {
  const first = indexOfSpace(start, end);
  let last = end;
  while (last > first && (load<u8>(last - 1) as u32) != SPACE) last--;
  // "HTTP" and "/".
  const isWhole =
    first + 1 < last && last + 5 <= end && load<u32>(last) == 0x50545448 && load<u8>(last, 4) == 0x2f;
  for (let part: u32 = 0; part < 3 && to != 0; part++, outputs += OUTPUT) {
    if (load<u32>(outputs, 4) == 0) continue;
    if (!isWhole) writeNull(outputs);
    else if (part == 0) writeValue(outputs, start, first, isEscaped);
    else if (part == 1) writeValue(outputs, first + 1, last - 1, isEscaped);
    else writeValue(outputs, last, end, isEscaped);
  }
}

function writeNull(output: usize): void {
  writeName(output);
  store<u32>(to, 0x6c6c756e);
  to += 4;
}

function writeValue(output: usize, start: usize, end: usize, isEscaped: bool): void {
  if (isEscaped) {
    to = 0;
    return;
  }
  const reading = load<u32>(output, 8);
  const length = (end - start) as u32;
  const isNumber = reading == TEXT ? NO : plainNumber(start, end, reading == GUESS);
  if (isNumber == UNSURE || (reading == NUMBER && isNumber == NO)) {
    const isNone = reading == NUMBER && (length == 0 || (length == 1 && (load<u8>(start) as u32) == DASH));
    if (isNone) writeNull(output);
    else to = 0;
    return;
  }
  writeName(output);
  if (isNumber == YES) {
    copyShort(to, start, length);
    to += length;
  } else {
    store<u8>(to, 0x22);
    to = writeEscaped(start, length, to + 1);
    store<u8>(to++, 0x22);
  }
}

/** With the brace or comma in front of it, and the colon. */
// @ts-ignore: decorator
@inline
function writeName(output: usize): void {
  const length = load<u32>(output, 4);
  copyShort(to, load<u32>(output), length);
  to += length;
}

const NO: u32 = 0;
const YES: u32 = 1;
/** Only JavaScript can tell. */
const UNSURE: u32 = 2;

/** `isPlainNumber` of field-types.ts. */
function plainNumber(start: usize, end: usize, endsTight: bool): u32 {
  const whole = load<u8>(start) == 0x2d ? start + 1 : start;
  if (whole >= end || end - whole > 25 || !isDigit(load<u8>(whole))) return NO;
  const beginsWithZero = load<u8>(whole) == 0x30;
  let at = whole;
  while (at < end && isDigit(load<u8>(at))) at++;
  if (beginsWithZero && at - whole > 1) return NO;
  if (at == end) {
    if (endsTight && beginsWithZero && start != whole) return NO;
    return at - whole <= 15 ? YES : at - whole <= 17 ? UNSURE : NO;
  }
  if (load<u8>(at) != 0x2e || at + 1 == end) return NO;
  const fraction = ++at;
  while (at < end && isDigit(load<u8>(at))) at++;
  if (at < end) return NO;
  if (end - whole > 16) return endsTight ? UNSURE : NO;
  if (!endsTight) return YES;
  if (load<u8>(end - 1) == 0x30) return NO;
  if (!beginsWithZero) return YES;
  // Below a millionth JavaScript writes an exponent.
  let zeros = fraction;
  while (load<u8>(zeros) == 0x30) zeros++;
  return zeros - fraction <= 5 ? YES : NO;
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

// @ts-ignore: decorator
@inline
function matches(at: usize, end: usize, literal: usize, length: u32): bool {
  if (at + length > end) return false;
  for (let index: u32 = 0; index < length; index++) {
    if (load<u8>(at + index) != load<u8>(literal + index)) return false;
  }
  return true;
}

function has(from: usize, end: usize, byte: u32): bool {
  for (let at = from; at < end; at++) if ((load<u8>(at) as u32) == byte) return true;
  return false;
}

/** Behind the `, ` and ` : ` of a list: where its last value begins. */
function listEnd(start: usize, end: usize, first: u32): usize {
  let last = start;
  let at = start;
  while (at < end) {
    const byte = load<u8>(at) as u32;
    if (byte == 0x2c && at + 1 < end && load<u8>(at, 1) == SPACE) last = at += 2;
    else if (byte == SPACE && at + 2 < end && load<u8>(at, 1) == 0x3a && load<u8>(at, 2) == SPACE) last = at += 3;
    else if (byte == first || byte == SPACE) break;
    else at++;
  }
  return last;
}

function pastSpace(start: usize, end: usize): usize {
  const at = indexOfSpace(start, end);
  return at < end ? at + 1 : start;
}

function indexOfSpace(start: usize, end: usize): usize {
  let at = start;
  while (at < end && (load<u8>(at) as u32) != SPACE) at++;
  return at;
}
