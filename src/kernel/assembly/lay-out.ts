// JSON rows `{"word":"the","count":12},{…}` → lines of text: NDJSON, CSV, TSV or PostgreSQL's COPY. Like scan-rows.ts it takes rows that
// are spelled just so; the first that is not is named, and the caller goes on from there.
// A layout: +0 style, +4 cells as in format.ts, without kinds.

import { CELL, END } from "./format";
import { COMMA, constants, NEWLINE, QUOTE, RETURN } from "./masks";
import { copyShort } from "./memory";
import { numberTextEnd, closingQuote, hasEscapes, plainEnd } from "./tokens";
import { NOT_CANONICAL, FINE, setCoding, setFault } from "./result";
import { plainArea } from "./scratch";
import { afterFragment } from "./scan-rows";
import { stringEnd, valueEnd } from "./skip";
import { unescape } from "./unescape";
import { isValid } from "./utf8";

// @ts-ignore: decorator
@external("kernel", "canonical")
declare function canonical(at: usize, length: u32, to: usize): u32;

const NDJSON: u32 = 0;
const CSV: u32 = 1;
const COPY: u32 = 3;
const CELLS: u32 = 4;

/**
 * Writes up to `most` rows. The output needs as much room as the input, for each row one byte and what its line begins
 * with, and 32 bytes: no cell becomes longer, since what CSV doubles JSON has escaped.
 */
export function layOutRows(
  layout: usize, from: usize, length: u32, opening: usize, openingLength: u32, most: u32, out: usize,
): u32 {
  const end = from + length;
  const style = load<u32>(layout);
  let at = from;
  let to = out;
  let rows: u32 = 0;
  if (!isValid(from, length)) most = 0;
  while (at < end && rows < most) {
    const start = to;
    memory.copy(to, opening, openingLength);
    to += openingLength;
    const rowEnd = style == NDJSON ? writeObject(to, to > start, at, end) : writeCells(layout + CELLS, style, to, at, end);
    // Whoever reads CSV passes over empty lines.
    if (style == CSV && written == start && isOneCell(layout + CELLS)) {
      store<u16>(start, 0x2222);
      written = start + 2;
    }
    const isLast = rowEnd == end;
    if (rowEnd == 0 || (!isLast && (load<u8>(rowEnd) != 0x2c || rowEnd + 1 == end))) {
      to = start;
      break;
    }
    store<u8>(written, 0x0a);
    to = written + 1;
    rows++;
    at = isLast ? end : rowEnd + 1;
  }
  setCoding(rows, (at - from) as u32, (to - out) as u32, 0);
  return at == end ? FINE : setFault(NOT_CANONICAL, (at - from) as u32, rows);
}

/** Where the output of the row read last ends. */
let written: usize = 0;

/** An object as it is, behind an opening without its own brace; returns its end, or 0. */
function writeObject(to: usize, isOpen: bool, at: usize, end: usize): usize {
  if (at + 2 > end || load<u8>(at) != 0x7b) return 0;
  // `{}` and `{ "a"…` are for the caller.
  if (load<u8>(at, 1) != 0x22) return 0;
  const stop = valueEnd(at, end);
  if (stop == 0) return 0;
  memory.copy(to, at, stop - at);
  if (isOpen) store<u8>(to, 0x2c);
  written = to + (stop - at);
  return stop;
}

function isOneCell(cells: usize): bool {
  return load<u32>(cells) != END && load<u32>(cells, CELL) == END;
}

/** The cells of one row; returns its end, or 0. */
export function writeCells(cells: usize, style: u32, to: usize, at: usize, end: usize): usize {
  let cell = cells;
  for (; load<u32>(cell) != END; cell += CELL) {
    at = afterFragment(cell, at, end);
    if (at == 0) return 0;
    if (cell != cells) store<u8>(to++, style == CSV ? 0x2c : 0x09);
    at = writeCell(style, to, at, end);
    if (at == 0) return 0;
    to = written;
  }
  written = to;
  return afterFragment(cell, at, end);
}

function writeCell(style: u32, to: usize, at: usize, end: usize): usize {
  if (at < end && load<u8>(at) == 0x22) return writeText(style, to, at, end);
  written = to;
  let stop = plainEnd(at, end);
  if (stop != 0) {
    // Null is an empty cell, and `\N` for COPY.
    if (load<u8>(at) == 0x6e) {
      if (style != COPY) return stop;
      store<u16>(to, 0x4e5c);
      written = to + 2;
      return stop;
    }
    copyShort(to, at, (stop - at) as u32);
    written = to + (stop - at);
    return stop;
  }
  stop = numberTextEnd(at, end);
  if (stop == 0 || isWhole(at, stop)) return 0;
  if (isShortFraction(at, stop)) {
    copyShort(to, at, (stop - at) as u32);
    written = to + (stop - at);
    return stop;
  }
  const room = (stop - at) as u32;
  const length = canonical(at, room, to);
  // A number that grows, as 1e20 does, might not fit.
  if (length > room) return 0;
  written = to + length;
  return stop;
}

/** A fraction as JavaScript prints it: at most 15 digits, the last of which is not 0, and not so small that it had an exponent. */
function isShortFraction(at: usize, end: usize): bool {
  const start = load<u8>(at) == 0x2d ? at + 1 : at;
  if (end - start > 16 || load<u8>(end - 1) == 0x30) return false;
  let point: usize = 0;
  for (let each = start; each < end; each++) {
    const byte = load<u8>(each) as u32;
    if (byte == 0x2e) point = each;
    else if (byte - 0x30 > 9) return false;
  }
  if (point == 0) return false;
  return load<u8>(start) != 0x30 || load<u8>(point + 1) != 0x30 || (point + 2 < end && load<u8>(point + 2) != 0x30);
}

/** A whole number that is not plain has more digits than a double: its digits are kept elsewhere. */
function isWhole(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const byte = load<u8>(at) as u32;
    if (byte == 0x2e || (byte | 0x20) == 0x65) return false;
  }
  return true;
}

function writeText(style: u32, to: usize, at: usize, end: usize): usize {
  const quote = closingQuote(at + 1, end);
  if (quote == 0) return 0;
  let from = at + 1;
  let stop = quote;
  if (hasEscapes) {
    if (stringEnd(at, end) == 0) return 0;
    const plain = plainArea((quote - at) as u32);
    stop = unescape(from, quote, plain);
    from = plain;
  }
  written = style == CSV ? writeCsv(from, stop, to) : writeTsv(from, stop, to);
  return quote + 1;
}

/** In quotes where RFC 4180 wants them. */
function writeCsv(from: usize, end: usize, to: usize): usize {
  if (!hasSpecials(from, end)) {
    copyText(to, from, end);
    return to + (end - from);
  }
  store<u8>(to++, 0x22);
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at);
    store<u8>(to++, byte);
    if (byte == 0x22) store<u8>(to++, byte);
  }
  store<u8>(to++, 0x22);
  return to;
}

/** Reads up to 15 bytes behind the end. */
function hasSpecials(from: usize, end: usize): bool {
  for (let at = from; at < end; at += 16) {
    const bytes = v128.load(at);
    const quotes = v128.or(i8x16.eq(bytes, v128.load(constants, QUOTE)), i8x16.eq(bytes, v128.load(constants, COMMA)));
    const ends = v128.or(i8x16.eq(bytes, v128.load(constants, NEWLINE)), i8x16.eq(bytes, v128.load(constants, RETURN)));
    const wanted = end - at >= 16 ? 0xffff : (1 << ((end - at) as i32)) - 1;
    if ((i8x16.bitmask(v128.or(quotes, ends)) & wanted) != 0) return true;
  }
  return false;
}

function writeTsv(from: usize, end: usize, to: usize): usize {
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at) as u32;
    const letter = byte == 0x09 ? 0x74 : byte == 0x0a ? 0x6e : byte == 0x0d ? 0x72 : byte == 0x5c ? 0x5c : 0;
    if (letter != 0) store<u8>(to++, 0x5c);
    store<u8>(to++, (letter != 0 ? letter : byte) as u8);
  }
  return to;
}

// @ts-ignore: decorator
@inline
function copyText(to: usize, from: usize, end: usize): void {
  if (end - from <= 64) copyShort(to, from, (end - from) as u32);
  else memory.copy(to, from, end - from);
}
