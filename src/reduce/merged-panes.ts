// A window that slides under a bound on keys: which ones are kept depends on the order in which panes are merged, so that
// nothing can be taken away, and all of it is merged anew for each window.
import type { Json } from '../envelope/json.ts';
import type { RowTable } from './row-table.ts';
import type { SlidingRows } from './slide.ts';

export class MergedPanes implements SlidingRows {
  readonly #newTable: () => RowTable;
  /** Oldest first. */
  readonly #panes: RowTable[] = [];

  constructor(newTable: () => RowTable) {
    this.#newTable = newTable;
  }

  enter(pane: RowTable): void {
    this.#panes.push(pane);
  }

  leave(): void {
    this.#panes.shift();
  }

  rows(): RowTable {
    const all = this.#newTable();
    for (const pane of this.#panes) all.merge(pane);
    return all;
  }

  snapshot(pane: RowTable): Json {
    return pane.snapshot();
  }

  giveBack(): void {
    // They have stayed as they were.
  }

  free(): void {
    // What is merged is freed by whoever reads it, and panes by whoever made them.
  }
}
