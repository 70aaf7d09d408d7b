// Groups that leave a table: what a window subtracts when it slides.
// A removed entry's place is taken by the last one, so that entries stay without gaps; its slot by those behind it that
// were pushed there, so that searches still end at the first free slot.

import { release } from "./memory";
import { ENTRY_BYTES, entryAt, hashShort, keepKey, keyOf, CHUNK, Table, TAG, VALUE_BYTES } from "./table";

/** Removes all groups that count nothing. `before` takes what each that is left was numbered, u32 each. */
export function removeEmpty(table: Table, before: usize): void {
  for (let group: u32 = 0; group < table.size; group++) store<u32>(before + (group << 2), group);
  // From the end: what takes a place has been looked at.
  for (let group = table.size; group > 0; group--) {
    const entry = entryAt(table, group - 1);
    if (load<u64>(entry, 24) != 0) continue;
    store<u32>(before + ((group - 1) << 2), load<u32>(before + ((table.size - 1) << 2)));
    removeEntry(table, entry, group - 1);
  }
  release(table.order, table.orderSize << 2);
  table.order = 0;
  table.orderSize = 0;
  if (table.deadKeyBytes > CHUNK && (table.deadKeyBytes as f64) > table.keyBytes) gatherKeys(table);
}

function removeEntry(table: Table, entry: usize, group: u32): void {
  const length = load<u32>(entry, 16);
  table.keyBytes -= length as f64;
  if (length > 16) table.deadKeyBytes += length;
  freeSlot(table, slotOf(table, entry));
  const last = entryAt(table, table.size - 1);
  if (last != entry) {
    const slot = slotOf(table, last);
    memory.copy(entry, last, ENTRY_BYTES + table.values * VALUE_BYTES);
    store<u32>(entry, group, 20);
    store<u32>(slot, (entry as u32) | (load<u32>(slot) & TAG));
  }
  table.size--;
  table.nextEntry = last;
  // The last chunk may have become empty before, and stays until the one ahead of it is needed again.
  const needed = table.size / table.perChunk + 1;
  while (table.chunks > needed) {
    table.chunks--;
    release(load<u32>(table.directory + (table.chunks << 2)), CHUNK);
  }
  const chunk: usize = load<u32>(table.directory + ((needed - 1) << 2));
  table.chunkEnd = chunk + table.perChunk * table.stride;
}

function hashOf(entry: usize): u32 {
  const length = load<u32>(entry, 16);
  return length > 16 ? load<u32>(entry, 12) : hashShort(load<u64>(entry), load<u64>(entry, 8), length);
}

/** The address of the slot that leads to an entry. */
function slotOf(table: Table, entry: usize): usize {
  let offset = (hashOf(entry) >> table.shift) << 2;
  while ((load<u32>(table.slots + offset) & ~TAG) != (entry as u32)) offset = (offset + 4) & table.mask;
  return table.slots + offset;
}

function freeSlot(table: Table, slot: usize): void {
  const mask = table.mask;
  let hole = (slot - table.slots) as u32;
  for (let offset = (hole + 4) & mask; ; offset = (offset + 4) & mask) {
    const content = load<u32>(table.slots + offset);
    if (content == 0) break;
    const home = (hashOf(content & ~TAG) >> table.shift) << 2;
    // It may go as far back as where it belongs.
    if (((offset - home) & mask) < ((offset - hole) & mask)) continue;
    store<u32>(table.slots + hole, content);
    hole = offset;
  }
  store<u32>(table.slots + hole, 0);
}

/** Puts the long keys that are left into new blocks: a window that slides for days must not keep all it ever saw. */
function gatherKeys(table: Table): void {
  let block = table.keyBlocks;
  table.keyBlocks = 0;
  table.nextKey = 0;
  table.keyEnd = 0;
  table.deadKeyBytes = 0;
  for (let group: u32 = 0; group < table.size; group++) {
    const entry = entryAt(table, group);
    const length = load<u32>(entry, 16);
    if (length > 16) store<u32>(entry, keepKey(table, keyOf(entry), length) as u32, 8);
  }
  while (block != 0) {
    const before: usize = load<u32>(block);
    release(block, load<u32>(block, 4));
    block = before;
  }
}
