// Which groups of a total those of each pane are that was merged into it, so that it leaves without a search for its keys.
import type { ExactMerge, Table } from '../kernel/kernel.ts';

export class MergedGroups {
  /** Of what was merged and has not left, oldest first. */
  readonly #panes: Uint32Array[] = [];

  /** What is returned is memory of the kernel, good until its next call. */
  merge(total: Table, pane: Table): ExactMerge {
    const merged = total.mergeExact(pane);
    this.#panes.push(merged.groups.slice());
    return merged;
  }

  /** Takes away what was merged first. Returns what the total's groups that are left were numbered, where that has changed. */
  subtract(total: Table, oldest: Table): Uint32Array | undefined {
    const { size } = total;
    const before = total.subtract(oldest, this.#panes.shift() ?? new Uint32Array());
    if (!before) return undefined;
    const now = new Uint32Array(size);
    for (let group = 0; group < before.length; group += 1) now[before[group] as number] = group;
    for (const groups of this.#panes)
      for (let index = 0; index < groups.length; index += 1)
        groups[index] = now[groups[index] as number] as number;
    return before;
  }
}
