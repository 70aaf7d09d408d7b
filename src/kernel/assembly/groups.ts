// Single groups from outside: for reductions that read their records elsewhere.

import { clearTable, entryAt, entryOf, keyOf, Table } from "./table";
import { addNumber, valueOf } from "./values";

/** The group's number, or −1 for the overflow group. */
export function groupOf(table: Table, at: usize, length: u32): u32 {
  return load<u32>(entryOf(table, at, length), 20);
}

/** The entry of a group by its number; −1 asks for the overflow group, 0 means that there is none. */
export function entryOfGroup(table: Table, group: u32): usize {
  return group == 0xffffffff ? table.overflow : entryAt(table, group);
}

export function countGroup(table: Table, group: u32, times: f64): void {
  const entry = entryOfGroup(table, group);
  store<u64>(entry, load<u64>(entry, 24) + (times as u64), 24);
}

export function addToGroup(table: Table, group: u32, value: u32, number: f64): void {
  addNumber(table, entryOfGroup(table, group), value, number);
}

export function lengthOf(entry: usize): u32 {
  return load<u32>(entry, 16);
}

export function sizeOf(table: Table): u32 {
  return table.size;
}

export function hasOverflow(table: Table): bool {
  return table.overflow != 0;
}

export { keyOf, valueOf, clearTable };
