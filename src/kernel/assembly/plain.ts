// Whether a table's rows can be written as they lie here: in the order of their keys' bytes, and with sums that a
// double counts. Of keys made of JSON texts, that order is the one of the texts they stand for only where no escape and
// nothing below the quote is in them, and where a part is a string in all keys or in none.

import { entryAt, keyOf, Table } from "./table";
import { valueOf } from "./values";

const MOST_PARTS: u32 = 8;
const STRING: u8 = 1;
const OTHER: u8 = 2;
/** What has been seen of each part. */
const kinds: usize = memory.data(8);

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;

/** `isJson` says that keys are made of JSON texts with zero bytes between; else they are text. */
export function hasPlainRows(table: Table, isJson: bool): bool {
  if (table.overflow != 0) return false;
  memory.fill(kinds, 0, MOST_PARTS);
  for (let first: u32 = 0; first < table.size; first += table.perChunk) {
    let entry = entryAt(table, first);
    const many = min(table.perChunk, table.size - first);
    for (let index: u32 = 0; index < many; index++, entry += table.stride) {
      if (!(isJson ? isPlainJson(entry) : isText(entry))) return false;
      for (let value: u32 = 0; value < table.values; value++) {
        if (!(abs(load<f64>(valueOf(table, entry, value), 8)) <= 9007199254740991)) return false;
      }
    }
  }
  return true;
}

/** A column that is missing, or the dash that stands for one, is no text. */
function isText(entry: usize): bool {
  const length = load<u32>(entry, 16);
  return length > 1 || (length == 1 && load<u8>(entry) != 0x2d);
}

function isPlainJson(entry: usize): bool {
  let at = keyOf(entry);
  const end = at + load<u32>(entry, 16);
  for (let part: u32 = 0; at < end; part++) {
    const isString = load<u8>(at) == QUOTE;
    const kind = load<u8>(kinds + part) | (isString ? STRING : OTHER);
    if (part >= MOST_PARTS || kind == (STRING | OTHER)) return false;
    store<u8>(kinds + part, kind);
    if (isString) {
      at++;
      for (let byte = load<u8>(at); byte != QUOTE; byte = load<u8>(++at)) {
        if (byte < QUOTE || byte == BACKSLASH) return false;
      }
    }
    while (at < end && load<u8>(at) != 0) at++;
    at++;
  }
  return true;
}
