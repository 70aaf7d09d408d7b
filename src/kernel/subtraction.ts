// What both kernels ask of a subtraction.
import type { Table } from './kernel.ts';

/** Throws RangeError where `groups` are not those of `other` in `table`. */
export function checkSubtraction(table: Table, other: Table, groups: Uint32Array): void {
  if (other.overflowed) throw new RangeError('An overflow group cannot be taken away');
  // A loop, for a call for each group would take as long as the subtraction.
  let largest = -1;
  for (const group of groups) if (group > largest) largest = group;
  if (groups.length !== other.size || largest >= table.size)
    throw new RangeError('These are not the groups that a merge of this table returned');
}
