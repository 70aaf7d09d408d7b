// Groups that leave a table: what a window subtracts when it slides.
// All at once, and only when they are more than half of it: those that stay close up in their order, and slots are filled anew.

import { moveItems } from "./entered";
import { release } from "./memory";
import { CHUNK, entryAt, fillSlots, keepKey, keyOf, Table } from "./table";

/** Removes all groups that count nothing. `before` takes what each that is left was numbered, u32 each. */
export function removeEmpty(table: Table, before: usize): void {
  const known = table.size;
  const removedBytes = numberAnew(table, before);
  moveItems(table);
  for (let group: u32 = 0; group < known; group++) {
    const entry = entryAt(table, group);
    const now = load<u32>(entry, 20);
    if (now != group && now != -1) memory.copy(entryAt(table, now), entry, table.stride);
  }
  table.empty = 0;
  closeChunks(table);
  memory.fill(table.slots, 0, table.mask + 1);
  fillSlots(table);
  if (removedBytes != 0) {
    table.keyBytes -= removedBytes;
    gatherKeys(table);
  }
}

/** Writes its new number into each entry, −1 into those that count nothing; returns the bytes of their keys. */
function numberAnew(table: Table, before: usize): f64 {
  let size: u32 = 0;
  let removedBytes: f64 = 0;
  for (let group: u32 = 0; group < table.size; group++) {
    const entry = entryAt(table, group);
    if (load<u64>(entry, 24) == 0) {
      removedBytes += load<u32>(entry, 16) as f64;
      store<u32>(entry, -1, 20);
      continue;
    }
    store<u32>(entry, size, 20);
    store<u32>(before + (size << 2), group);
    size++;
  }
  table.size = size;
  return removedBytes;
}

/** Gives back the chunks behind the last entry. */
function closeChunks(table: Table): void {
  const needed = (table.size + table.perChunk - 1) / table.perChunk;
  while (table.chunks > needed) {
    table.chunks--;
    release(load<u32>(table.directory + (table.chunks << 2)), CHUNK);
  }
  if (needed == 0) {
    table.nextEntry = 0;
    table.chunkEnd = 0;
    return;
  }
  const chunk: usize = load<u32>(table.directory + ((needed - 1) << 2));
  table.nextEntry = chunk + (table.size - (needed - 1) * table.perChunk) * table.stride;
  table.chunkEnd = chunk + table.perChunk * table.stride;
}

/** Puts the long keys that are left into new blocks: a window that slides for days must not keep all it ever saw. */
function gatherKeys(table: Table): void {
  let block = table.keyBlocks;
  table.keyBlocks = 0;
  table.nextKey = 0;
  table.keyEnd = 0;
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
