// Lines that are no UTF-8: decoded with U+FFFD for what is damaged, and counted.
import { isUtf8 } from 'node:buffer';

/** How many lines are no UTF-8. */
export function damagedLines(region: Buffer): number {
  if (isUtf8(region)) return 0;
  let damaged = 0;
  for (let start = 0, end = 0; start < region.length; start = end) {
    end = region.indexOf(0x0a, start) + 1;
    if (end === 0) end = region.length;
    if (!isUtf8(region.subarray(start, end))) damaged += 1;
  }
  return damaged;
}
