// What entered a table and has not left, oldest first: what has to be taken away, without keys, for those are in the table.
//
//   block   +0 address of the next younger one, +4 its bytes, +8 address behind its last item; from +16 on items
//   item    +0 address of the group's entry (u32; 0 where it was removed, which counted nothing), +4 count u64,
//           of each value 16 bytes more: how many and their sum, f64

import { allocate, release } from "./memory";
import { entryAt, Table } from "./table";

/** Bytes ahead of a block's items, of an item's count and what is before it, and of a value. */
export const OPENING: u32 = 16;
export const COUNTED: u32 = 12;
export const SUMMED: u32 = 16;

// @ts-ignore: decorator
@inline
export function itemBytes(table: Table): u32 {
  return COUNTED + table.values * SUMMED;
}

// @ts-ignore: decorator
@inline
export function itemsEnd(block: usize): usize {
  return load<u32>(block, 8);
}

/** A block for so many items, behind all others. */
export function appendBlock(table: Table, items: u32): usize {
  const bytes = OPENING + items * itemBytes(table);
  const block = allocate(bytes);
  store<u32>(block, 0);
  store<u32>(block, bytes, 4);
  store<u32>(block, (block as u32) + bytes, 8);
  if (table.oldest == 0) table.oldest = block;
  else store<u32>(table.youngest, block as u32);
  table.youngest = block;
  return block;
}

export function releaseOldest(table: Table): void {
  const block = table.oldest;
  table.oldest = load<u32>(block);
  release(block, load<u32>(block, 4));
}

/** Entries say which numbers they are going to have, −1 if none: items go to where they will be. */
export function moveItems(table: Table): void {
  const stride = itemBytes(table);
  for (let block = table.oldest; block != 0; block = load<u32>(block)) {
    const end = itemsEnd(block);
    for (let item = block + OPENING; item < end; item += stride) {
      const entry: usize = load<u32>(item);
      const group = entry == 0 ? -1 : load<u32>(entry, 20);
      store<u32>(item, group == -1 ? 0 : (entryAt(table, group) as u32));
    }
  }
}
