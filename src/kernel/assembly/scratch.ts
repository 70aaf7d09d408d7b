// Growable work areas: text made valid, strings without their escapes, keys put together.
// One call of the kernel uses each at most once at a time; nothing in them survives the call.

import { allocate, release } from "./memory";

/** Readers load 64 bytes at a time and may run past the end of the data by that much. */
export const SLACK: u32 = 128;

let cleanBlock: usize = 0;
let cleanBytes: u32 = 0;
let plainBlock: usize = 0;
let plainBytes: u32 = 0;

/** Room for text made valid UTF-8. */
export function cleanArea(bytes: u32): usize {
  if (bytes + SLACK > cleanBytes) {
    release(cleanBlock, cleanBytes);
    cleanBytes = bytes + SLACK;
    cleanBlock = allocate(cleanBytes);
  }
  return cleanBlock;
}

/** Room for one string without its escapes. */
export function plainArea(bytes: u32): usize {
  if (bytes + SLACK > plainBytes) {
    release(plainBlock, plainBytes);
    plainBytes = bytes + SLACK;
    plainBlock = allocate(plainBytes);
  }
  return plainBlock;
}

let keyBlock: usize = 0;
let keyBytes: u32 = 0;

/** Room for one key made of several parts. */
export function keyArea(bytes: u32): usize {
  if (bytes + SLACK > keyBytes) {
    release(keyBlock, keyBytes);
    keyBytes = bytes + SLACK;
    keyBlock = allocate(keyBytes);
  }
  return keyBlock;
}
