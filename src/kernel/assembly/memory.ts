// Memory of one kernel instance: blocks in powers of two, a free list per power.
// Everything (tables, key arenas, input, output) comes from here; nothing is garbage collected, the
// stub runtime's own heap is never used. Freed blocks are reused, never handed back to the system.
// Blocks move only when their owner moves them, so raw addresses stay good.

/** Smallest block: 2^10 bytes, so that a window with ten keys stays small. */
const SMALLEST: u32 = 10;

/** Head of the free list of each power of two; the list is threaded through the free blocks. */
const freeLists: usize = memory.data(32 * 4, 16);

let top: usize = (__heap_base + 63) & ~63;

/** Told when the system gives no more memory; throws, so it never returns. */
// @ts-ignore: decorator
@external("kernel", "outOfMemory")
declare function outOfMemory(bytes: u32): void;

// @ts-ignore: decorator
@inline
function powerOf(bytes: u32): u32 {
  return bytes <= 1 << SMALLEST ? SMALLEST : 32 - clz<u32>(bytes - 1);
}

/** A block of at least `bytes` bytes, 64-byte aligned from 1 KiB on up; its content is undefined. */
export function allocate(bytes: u32): usize {
  // A power of two above 2 GiB has no number in 32 bits.
  if (bytes > 0x80000000) outOfMemory(bytes);
  const power = powerOf(bytes);
  const list = freeLists + (power << 2);
  const head: usize = load<u32>(list);
  if (head != 0) {
    store<u32>(list, load<u32>(head));
    return head;
  }
  const block = top;
  const end: u64 = (block as u64) + ((1 as u64) << power);
  const have: u64 = (memory.size() as u64) << 16;
  if (end > have) {
    const pages = ((end - have + 0xffff) >> 16) as i32;
    if (end > 0xffff0000 || memory.grow(pages) < 0) outOfMemory(bytes);
  }
  top = end as usize;
  return block;
}

/** Gives back a block; `bytes` is what it was asked for with. */
export function release(block: usize, bytes: u32): void {
  if (block == 0) return;
  const list = freeLists + (powerOf(bytes) << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, block as u32);
}

/** How many bytes a block asked for with `bytes` really has. */
export function roomOf(bytes: u32): u32 {
  return (1 as u32) << powerOf(bytes);
}
