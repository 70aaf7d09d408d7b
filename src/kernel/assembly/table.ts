// The keyed table: byte strings → groups, numbered in the order first seen.
//
//   slots   4 bytes each, open addressing: address of the entry, a multiple of 32, | low 5 bits of the hash
//   entry   +0  first 8 bytes of the key, zero filled
//           +8  next 8 bytes; of a key over 16 bytes: its address (u32) and its hash (u32)
//           +16 length u32, +20 group number u32, +24 count u64, +32 values, see values.ts
//   chunks  entries lie in blocks that never move, found by group number through a directory
//
// A key of up to 16 bytes lives in its entry and costs two masked loads and two compares. Everything is
// kept small, because beyond some 8 MB (slots and entries together) each access is a cache miss.
// Common keys come early, so their entries lie together.

import { releaseOldest } from "./entered";
import { allocate, release } from "./memory";

/** Entries and long keys are taken from the system in blocks of this size. */
export const CHUNK: u32 = 1 << 16;
const FIRST_SLOTS: u32 = 512;
export const ENTRY_BYTES: u32 = 32;
/** With the least and the greatest, and without. */
export const VALUE_BYTES: u32 = 40;
export const SUM_BYTES: u32 = 24;

// @ts-ignore: decorator
@unmanaged
export class Table {
  slots: usize;
  /** 32 − log2 of the number of slots: the slot is the top bits of the hash, so growing keeps the order. */
  shift: u32;
  /** Bytes of the slots − 1. */
  mask: u32;
  growAt: u32;
  size: u32;
  maxKeys: u32;
  values: u32;
  /** Of each value: VALUE_BYTES or SUM_BYTES. */
  valueBytes: u32;
  stride: u32;
  perChunk: u32;
  directory: usize;
  directoryBytes: u32;
  chunks: u32;
  nextEntry: usize;
  chunkEnd: usize;
  nextKey: usize;
  keyEnd: usize;
  /** Blocks of long keys, threaded: address of the block before and this block's size come first. */
  keyBlocks: usize;
  /** Entry of the keys beyond maxKeys; 0 while there are none. */
  overflow: usize;
  keyBytes: f64;
  /** How many groups count nothing since others were taken away; they keep their numbers until remove.ts takes them out. */
  empty: u32;
  /** Blocks of what entered and has not left, see entered.ts; 0 where there is none. */
  oldest: usize;
  youngest: usize;
  /** Entries in key order while rows are being read, see order.ts. */
  order: usize;
  orderSize: u32;
  /** Numbers worked out elsewhere, for rows: so many for each group. */
  results: usize;
  resultsBytes: u32;
  resultsEach: u32;
}

// Masks for keys of 0 to 16 bytes: what of the two words loaded belongs to the key.
export const masks: usize = memory.data<u64>([
  0, 0, 0xff, 0, 0xffff, 0, 0xffffff, 0, 0xffffffff, 0, 0xffffffffff, 0, 0xffffffffffff, 0, 0xffffffffffffff, 0,
  -1, 0, -1, 0xff, -1, 0xffff, -1, 0xffffff, -1, 0xffffffff, -1, 0xffffffffff, -1, 0xffffffffffff,
  -1, 0xffffffffffffff, -1, -1,
]);

// Address 0 stands for no entry. Reading it as one must match no key, not even the empty one: static data
// begin at 64 (asc's --memoryBase), and where the length would be, there is one that no key has.
store<u32>(16, -1);

/** Drawn anew per process, so that nobody can prepare keys that all fall into one slot. */
let seed: u64 = 0x9e3779b97f4a7c15;

export function setSeed(low: u32, high: u32): void {
  seed = ((high as u64) << 32) | (low as u64);
}

/** What of a slot is part of the hash; it spares most looks at the wrong entry. */
export const TAG: u32 = 31;

/** Hash of a key of up to 16 bytes. The top bits choose the slot, the low ones are its tag. */
// @ts-ignore: decorator
@inline
export function hashShort(first: u64, second: u64, length: u32): u32 {
  let hash = (first ^ seed) * 0x9fb21c651e98df25 + rotl<u64>(second * 0xd6e8feb86659fd93, 32) + (length as u64);
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  return (hash >> 32) as u32;
}

/** Hash of a key of more than 16 bytes. */
function hashLong(at: usize, length: u32): u32 {
  const last = at + length - 8;
  let hash = seed ^ (length as u64);
  while (at < last) {
    hash = (hash ^ load<u64>(at)) * 0x9fb21c651e98df25;
    hash ^= hash >> 29;
    at += 8;
  }
  hash = (hash ^ load<u64>(last)) * 0xd6e8feb86659fd93;
  return ((hash ^ (hash >> 29)) >> 32) as u32 ^ (hash as u32);
}

export function createTable(values: u32, maxKeys: u32, hasExtremes: bool): Table {
  const bytes = offsetof<Table>() as u32;
  const block = allocate(bytes);
  memory.fill(block, 0, bytes);
  const table = changetype<Table>(block);
  setUp(table, values, hasExtremes ? VALUE_BYTES : SUM_BYTES, maxKeys);
  return table;
}

function setUp(table: Table, values: u32, valueBytes: u32, maxKeys: u32): void {
  table.values = values;
  table.valueBytes = valueBytes;
  // Entries lie at multiples of 32, for the slots' sake.
  table.stride = (ENTRY_BYTES + values * valueBytes + TAG) & ~TAG;
  table.perChunk = CHUNK / table.stride;
  table.maxKeys = maxKeys;
  openSlots(table, FIRST_SLOTS);
}

function openSlots(table: Table, count: u32): void {
  table.slots = allocate(count << 2);
  memory.fill(table.slots, 0, count << 2);
  table.shift = clz<u32>(count) + 1;
  table.mask = (count << 2) - 1;
  // Full to five eighths at most: linear probing stays short, and five million keys fit 2^23 slots.
  table.growAt = (count >> 3) * 5;
}

/** Gives all blocks back; the table must not be used again. */
export function freeTable(table: Table): void {
  emptyTable(table);
  release(table.slots, table.mask + 1);
  release(changetype<usize>(table), offsetof<Table>() as u32);
}

function emptyTable(table: Table): void {
  for (let chunk: u32 = 0; chunk < table.chunks; chunk++) {
    release(load<u32>(table.directory + (chunk << 2)), CHUNK);
  }
  release(table.directory, table.directoryBytes);
  let block = table.keyBlocks;
  while (block != 0) {
    const before: usize = load<u32>(block);
    release(block, load<u32>(block, 4));
    block = before;
  }
  while (table.oldest != 0) releaseOldest(table);
  release(table.overflow, table.stride);
  release(table.order, table.orderSize << 2);
  release(table.results, table.resultsBytes);
}

/** Forgets all groups and keeps the settings. */
export function clearTable(table: Table): void {
  const values = table.values;
  const valueBytes = table.valueBytes;
  const maxKeys = table.maxKeys;
  emptyTable(table);
  release(table.slots, table.mask + 1);
  memory.fill(changetype<usize>(table), 0, offsetof<Table>());
  setUp(table, values, valueBytes, maxKeys);
}

function growSlots(table: Table): void {
  const count = (table.mask + 1) >> 1;
  release(table.slots, table.mask + 1);
  openSlots(table, count);
  fillSlots(table);
}

/** Enters all entries into slots that are free. */
export function fillSlots(table: Table): void {
  const slots = table.slots;
  const shift = table.shift;
  const mask = table.mask;
  // In the order first seen, so that common keys get the first place they are looked for in.
  for (let first: u32 = 0; first < table.size; first += table.perChunk) {
    let entry = entryAt(table, first);
    const many = min(table.perChunk, table.size - first);
    for (let index: u32 = 0; index < many; index++, entry += table.stride) {
      const length = load<u32>(entry, 16);
      const hash = length > 16 ? load<u32>(entry, 12) : hashShort(load<u64>(entry), load<u64>(entry, 8), length);
      let offset = (hash >> shift) << 2;
      while (load<u32>(slots + offset) != 0) offset = (offset + 4) & mask;
      store<u32>(slots + offset, (entry as u32) | (hash & TAG));
    }
  }
}

function addChunk(table: Table): void {
  const used = table.chunks << 2;
  if (used == table.directoryBytes) {
    const bytes = used == 0 ? 1024 : used << 1;
    const directory = allocate(bytes);
    memory.copy(directory, table.directory, used);
    release(table.directory, table.directoryBytes);
    table.directory = directory;
    table.directoryBytes = bytes;
  }
  const chunk = allocate(CHUNK);
  store<u32>(table.directory + used, chunk as u32);
  table.chunks++;
  table.nextEntry = chunk;
  table.chunkEnd = chunk + table.perChunk * table.stride;
}

/** Copies a long key to where it stays. */
export function keepKey(table: Table, at: usize, length: u32): usize {
  if (table.nextKey + length > table.keyEnd) {
    // 8 bytes for the thread, 16 behind the last key, because keys are read in whole words.
    const bytes = length + 24 > CHUNK ? length + 24 : CHUNK;
    const block = allocate(bytes);
    store<u32>(block, table.keyBlocks as u32);
    store<u32>(block, bytes, 4);
    table.keyBlocks = block;
    table.nextKey = block + 8;
    table.keyEnd = block + bytes - 16;
  }
  const key = table.nextKey;
  memory.copy(key, at, length);
  table.nextKey = key + length;
  return key;
}

// @ts-ignore: decorator
@inline
function clearValues(table: Table, entry: usize): void {
  for (let value = entry + ENTRY_BYTES, left = table.values; left > 0; left--, value += table.valueBytes) {
    store<f64>(value, 0);
    store<f64>(value, 0, 8);
    store<f64>(value, 0, 16);
    if (table.valueBytes == SUM_BYTES) continue;
    store<f64>(value, Infinity, 24);
    store<f64>(value, -Infinity, 32);
  }
}

/** The group of the keys that found no place; flagged by lying outside of the chunks. */
export function overflowEntry(table: Table): usize {
  if (table.overflow == 0) {
    const entry = allocate(table.stride);
    memory.fill(entry, 0, ENTRY_BYTES);
    store<u64>(entry, 0x726568746f5f); // "_other"
    store<u32>(entry, 6, 16);
    store<u32>(entry, -1, 20);
    clearValues(table, entry);
    table.overflow = entry;
  }
  return table.overflow;
}

function insert(table: Table, offset: u32, hash: u32, first: u64, second: u64, length: u32, long: usize): usize {
  if (table.size >= table.maxKeys) return overflowEntry(table);
  if (table.nextEntry == table.chunkEnd) addChunk(table);
  const entry = table.nextEntry;
  table.nextEntry = entry + table.stride;
  store<u64>(entry, first);
  store<u64>(entry, long == 0 ? second : ((hash as u64) << 32) | (keepKey(table, long, length) as u64), 8);
  store<u32>(entry, length, 16);
  store<u32>(entry, table.size, 20);
  store<u64>(entry, 0, 24);
  clearValues(table, entry);
  table.keyBytes += length as f64;
  store<u32>(table.slots + offset, (entry as u32) | (hash & TAG));
  if (++table.size >= table.growAt) growSlots(table);
  return entry;
}

/** Finds or makes the entry of a key of up to 16 bytes, given as two zero-filled words. */
export function entryOfShort(table: Table, first: u64, second: u64, length: u32, hash: u32): usize {
  const slots = table.slots;
  let offset = (hash >> table.shift) << 2;
  while (true) {
    const slot = load<u32>(slots + offset);
    if (slot == 0) return insert(table, offset, hash, first, second, length, 0);
    if (((slot ^ hash) & TAG) == 0) {
      const entry: usize = slot & ~TAG;
      if (((load<u64>(entry) ^ first) | (load<u64>(entry, 8) ^ second) | ((load<u32>(entry, 16) ^ length) as u64)) == 0) {
        return entry;
      }
    }
    offset = (offset + 4) & table.mask;
  }
}

/** Finds or makes the entry of a key of more than 16 bytes. */
export function entryOfLong(table: Table, at: usize, length: u32): usize {
  const hash = hashLong(at, length);
  const first = load<u64>(at);
  const slots = table.slots;
  let offset = (hash >> table.shift) << 2;
  while (true) {
    const slot = load<u32>(slots + offset);
    if (slot == 0) return insert(table, offset, hash, first, 0, length, at);
    if (((slot ^ hash) & TAG) == 0) {
      const entry: usize = slot & ~TAG;
      if (
        load<u64>(entry) == first && load<u32>(entry, 16) == length && load<u32>(entry, 12) == hash &&
        sameBytes(load<u32>(entry, 8), at, length)
      ) {
        return entry;
      }
    }
    offset = (offset + 4) & table.mask;
  }
}

/**
 * A guess at the entry of a short key that takes no branch: one of the two places it is most likely in,
 * by their tags. May be any entry, or 0, which matches no key.
 */
// @ts-ignore: decorator
@inline
export function likelyEntry(table: Table, hash: u32): usize {
  const offset = (hash >> table.shift) << 2;
  const slot = load<u32>(table.slots + offset);
  const next = load<u32>(table.slots + ((offset + 4) & table.mask));
  return (((slot ^ hash) & TAG) == 0 ? slot : next) & ~TAG;
}

/** Compares more than 8 bytes. */
function sameBytes(a: usize, b: usize, length: u32): bool {
  const last = length - 8;
  for (let done: u32 = 0; done < last; done += 8) {
    if (load<u64>(a + done) != load<u64>(b + done)) return false;
  }
  return load<u64>(a + last) == load<u64>(b + last);
}

/** Finds or makes the entry of any key. Reads up to 16 bytes from `at`, however short the key. */
export function entryOf(table: Table, at: usize, length: u32): usize {
  if (length > 16) return entryOfLong(table, at, length);
  const mask = masks + (length << 4);
  const first = load<u64>(at) & load<u64>(mask);
  const second = load<u64>(at, 8) & load<u64>(mask, 8);
  return entryOfShort(table, first, second, length, hashShort(first, second, length));
}

/** Where an entry's key lies. */
// @ts-ignore: decorator
@inline
export function keyOf(entry: usize): usize {
  return load<u32>(entry, 16) > 16 ? (load<u32>(entry, 8) as usize) : entry;
}

/** The entry of a group number. */
export function entryAt(table: Table, group: u32): usize {
  const chunk = group / table.perChunk;
  return (load<u32>(table.directory + (chunk << 2)) as usize) + (group - chunk * table.perChunk) * table.stride;
}
