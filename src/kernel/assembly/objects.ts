// Hot. JSON objects, one per line or in an array → groups by the values of some of their keys, numbers of
// others added up. What is not wanted is checked and passed over, not decoded.
//
// Wanted keys, put into memory by wasm.ts: u32 how many, u32 how many of these are parts of the group's
// key, then per wanted key u32 address and u32 length of its name, then as many u32 numbers of wanted keys
// as the group's key has parts, then one for each value of the table.

import { endsListed, listEnd, listNumber, valuesRead } from "./list";
import { writeEscaped } from "./escape";
import { parseNumber, writeNumber } from "./number";
import { FINE, MALFORMED, NOT_OBJECT, setDamaged, setFault, setRecords, TOO_DEEP } from "./result";
import { constants, NEWLINE } from "./masks";
import { copyShort } from "./memory";
import { keyArea, plainArea } from "./scratch";
import { afterColon, tooDeep, tooDeepReset, valueEnd } from "./skip";
import { entryOf, masks, Table } from "./table";
import { closingQuote, goodEscapes, hasEscapes, plainEnd, skipSpace, startsValue } from "./tokens";
import { unescape } from "./unescape";
import { validLength, validText } from "./valid";
import { addNumber } from "./values";

/** Writes JSON.stringify(JSON.parse(text)) of an object or array; at most eight times as long. */
// @ts-ignore: decorator
@external("kernel", "canonical")
declare function canonicalElsewhere(at: usize, length: u32, to: usize): u32;

/** Start and end of the value of each wanted key in the object being read; 0 while missing. */
const found: usize = memory.data(8 * 8, 16);

let wanted: usize = 0;
let wantedSize: u32 = 0;
let parts: usize = 0;
let partsSize: u32 = 0;
let notNumbers: u32 = 0;

/** Adds the objects of a text, one per line, or with `isArray` of the inside of a JSON array. */
export function addObjects(table: Table, keys: usize, from: usize, length: u32, isArray: bool): u32 {
  from = validText(from, length);
  length = validLength;
  wantedSize = load<u32>(keys);
  partsSize = load<u32>(keys, 4);
  wanted = keys + 8;
  parts = wanted + (wantedSize << 3);
  notNumbers = 0;
  const end = from + length;
  let records: u32 = 0;
  let at = skipSpace(from, end);
  while (at < end) {
    const stop = isArray ? end : lineEnd(at, end);
    let after: usize = 0;
    let next: usize = 0;
    // Also for a record that is no object: what an earlier one was must not be said of it.
    tooDeepReset();
    if (load<u8>(at) == 0x7b) after = readObject(at, stop);
    if (after != 0) next = skipSpace(after, stop);
    if (after == 0 || (next < stop && !(isArray && load<u8>(next) == 0x2c))) {
      setDamaged(notNumbers);
      const kind = load<u8>(at) != 0x7b && (load<u8>(at) == 0x22 || startsValue(load<u8>(at))) ? NOT_OBJECT : MALFORMED;
      return setFault(after == 0 && tooDeep ? TOO_DEEP : kind, (at - from) as u32, records);
    }
    const entry = addFound(table, (next - at) as u32);
    if (endsListed) listEnd(entry, (next - from) as u32);
    records++;
    if (isArray && next < stop) {
      at = skipSpace(next + 1, end);
      // A comma with nothing behind it.
      if (at == end) {
        setDamaged(notNumbers);
        return setFault(MALFORMED, (at - from) as u32, records);
      }
    } else {
      at = skipSpace(next, end);
    }
  }
  setRecords(records);
  setDamaged(notNumbers);
  return FINE;
}

export function lineEnd(at: usize, end: usize): usize {
  const newline = v128.load(constants, NEWLINE);
  while (at < end) {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(at), newline)) as u32;
    if (bits != 0) return min(at + (ctz<u32>(bits) as usize), end);
    at += 16;
  }
  return end;
}

/** Notes where the wanted values of the object at `at` are; returns its end, or 0. */
function readObject(at: usize, end: usize): usize {
  const nothing = i64x2.splat(0);
  v128.store(found, nothing);
  v128.store(found, nothing, 16);
  v128.store(found, nothing, 32);
  v128.store(found, nothing, 48);
  at = skipSpace(at + 1, end);
  if (at < end && load<u8>(at) == 0x7d) return at + 1;
  let byte: u32 = 0x2c;
  while (byte == 0x2c) {
    if (at >= end || load<u8>(at) != 0x22) return 0;
    const name = at + 1;
    const quote = closingQuote(name, end);
    if (quote == 0 || (hasEscapes && !goodEscapes(name, quote))) return 0;
    const key = wantedKey(name, quote);
    at = afterColon(quote + 1, end);
    if (at == 0) return 0;
    const stop = valueEnd(at, end);
    if (stop == 0) return 0;
    if (key != 0) {
      store<u32>(key, at as u32);
      store<u32>(key, stop as u32, 4);
    }
    at = skipSpace(stop, end);
    byte = at < end ? (load<u8>(at) as u32) : 0;
    at++;
    if (byte == 0x2c) at = skipSpace(at, end);
  }
  return byte == 0x7d ? at : 0;
}

/** Where the value of this key is to be noted, or 0 when it is not wanted. */
// @ts-ignore: decorator
@inline
function wantedKey(name: usize, quote: usize): usize {
  let length = (quote - name) as u32;
  if (hasEscapes) {
    const plain = plainArea(length);
    length = (unescape(name, quote, plain) - plain) as u32;
    name = plain;
  }
  for (let index: u32 = 0; index < wantedSize; index++) {
    const key = wanted + (index << 3);
    if (load<u32>(key, 4) == length && sameName(load<u32>(key), name, length)) return found + (index << 3);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function sameName(left: usize, right: usize, length: u32): bool {
  let at: u32 = 0;
  for (; at + 8 <= length; at += 8) {
    if (load<u64>(left + at) != load<u64>(right + at)) return false;
  }
  return ((load<u64>(left + at) ^ load<u64>(right + at)) & load<u64>(masks + ((length - at) << 4))) == 0;
}

/** Returns the entry that it belongs to. */
function addFound(table: Table, room: u32): usize {
  const key = keyArea(room * 8 + 512);
  let to = key;
  for (let part: u32 = 0; part < partsSize; part++) {
    if (part > 0) store<u8>(to++, 0);
    const place = found + (load<u32>(parts + (part << 2)) << 3);
    to = writeValueText(load<u32>(place), load<u32>(place, 4), to);
  }
  const entry = entryOf(table, key, (to - key) as u32);
  store<u64>(entry, load<u64>(entry, 24) + 1, 24);
  const valueKeys = parts + (partsSize << 2);
  for (let value: u32 = 0; value < valuesRead; value++) {
    const place = found + (load<u32>(valueKeys + (value << 2)) << 3);
    const at: usize = load<u32>(place);
    if (at == 0) continue;
    const byte = load<u8>(at) as u32;
    if (byte == 0x2d || byte - 0x30 < 10) {
      const number = parseNumber(at, load<u32>(place, 4), false);
      if (value < table.values) addNumber(table, entry, value, number);
      listNumber(entry, value, number);
    } else if (byte != 0x6e) {
      notNumbers++;
    }
  }
  return entry;
}

/** Writes a value as JSON.stringify would; a missing one is null. */
function writeValueText(at: usize, end: usize, to: usize): usize {
  if (at == 0) {
    store<u32>(to, 0x6c6c756e);
    return to + 4;
  }
  const length = (end - at) as u32;
  const byte = load<u8>(at) as u32;
  if (byte == 0x22) {
    // Escapes can be spelled in more than one way.
    if (closingQuote(at + 1, end) != 0 && hasEscapes) {
      const plain = plainArea(length);
      const stop = unescape(at + 1, end - 1, plain);
      store<u8>(to, 0x22);
      to = writeEscaped(plain, (stop - plain) as u32, to + 1);
      store<u8>(to, 0x22);
      return to + 1;
    }
  } else if (byte == 0x7b || byte == 0x5b) {
    return to + canonicalElsewhere(at, length, to);
  } else if (plainEnd(at, end) != end) {
    return writeNumber(parseNumber(at, end, false), to);
  }
  copyShort(to, at, length);
  return to + length;
}
