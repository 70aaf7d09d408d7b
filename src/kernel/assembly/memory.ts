// Memory of one kernel instance: blocks in powers of two, a free list per power.
// Everything (tables, key arenas, input, output) comes from here; nothing is garbage collected, the
// stub runtime's own heap is never used. Freed blocks are reused, never handed back to the system.
// Blocks move only when their owner moves them, so raw addresses stay good.

/** Smallest block: 2^10 bytes, so that a window with ten keys stays small. */
const SMALLEST: u32 = 10;

/** Pages of 64 KiB by which the memory grows at least. */
const STRIDE: i32 = 256;
/** The last page of the 4 GiB stays unused, so that the end of a block is always a number. */
const LAST: u64 = 0xffff0000;

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
    if (end > LAST) outOfMemory(bytes);
    // Growing takes the host most of a millisecond, so it is done in strides; pages that are not
    // touched cost nothing. Where a stride is refused, what is needed may still be had.
    const wanted = ((end - have + 0xffff) >> 16) as i32;
    const stride = min<i32>(max<i32>(wanted, STRIDE), ((LAST - have) >> 16) as i32);
    if (memory.grow(stride) < 0 && memory.grow(wanted) < 0) outOfMemory(bytes);
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

/**
 * Copies a few bytes, 16 at a time: up to 15 more than asked for are read and written. The instruction
 * for copying is a call out of the code in V8, however little there is to copy.
 */
// @ts-ignore: decorator
@inline
export function copyShort(to: usize, from: usize, length: u32): void {
  for (let done: u32 = 0; done < length; done += 16) v128.store(to + done, v128.load(from + done));
}
