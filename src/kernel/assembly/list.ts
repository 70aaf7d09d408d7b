// Numbers one by one as they are read, for what is not kept per group, and where records end.
//   16 bytes each: +0 u32 group, +4 u32 value, of an end RECORD_END, +8 f64 number

import { allocate, release } from "./memory";

/** No table has so many values. */
const RECORD_END: u32 = 0xffffffff;

/** How many values are read of each record. Those beyond what the table keeps are only listed. */
export let valuesRead: u32 = 0;
/** One bit for each value whose numbers are listed. */
let wanted: u32 = 0;
/** Whether the end of each record is listed. */
export let endsListed: bool = false;
let list: usize = 0;
let room: u32 = 0;
let used: u32 = 0;

/** From now on so many values are read, and the numbers of these are listed, or ends of records; the list begins anew. */
export function readValues(count: u32, listed: u32, ends: bool): void {
  valuesRead = count;
  wanted = listed;
  endsListed = ends;
  used = 0;
}

// @ts-ignore: decorator
@inline
export function listNumber(entry: usize, index: u32, number: f64): void {
  if (((wanted >> index) & 1) != 0) append(entry, index, number);
}

/** The end is in bytes from the start of the input. */
// @ts-ignore: decorator
@inline
export function listEnd(entry: usize, end: u32): void {
  append(entry, RECORD_END, end as f64);
}

function append(entry: usize, index: u32, number: f64): void {
  if (used == room) grow();
  store<u32>(list + used, load<u32>(entry, 20));
  store<u32>(list + used, index, 4);
  store<f64>(list + used, number, 8);
  used += 16;
}

export function listAt(): usize {
  return list;
}

export function listBytes(): u32 {
  return used;
}

function grow(): void {
  const larger = max<u32>(room << 1, 4096);
  const block = allocate(larger);
  memory.copy(block, list, used);
  release(list, room);
  list = block;
  room = larger;
}
