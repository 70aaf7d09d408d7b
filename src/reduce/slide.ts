// Panes that come and go, and their rows together: a window that slides costs what enters and leaves, not what it holds.
// A total from which the oldest pane is subtracted, as long as that is exact; else key by key, in key-window.ts.
import { GroupSlide } from './group-slide.ts';
import type { ReducePlan } from './plan.ts';
import type { NewTable, RowTable } from './row-table.ts';
import type { RowSource } from './rows.ts';

/** A window that slides. */
export interface SlidingRows {
  /** `pane` stays as it is until it has left. Whoever made it frees it then. */
  enter(pane: RowTable): void;
  /** The oldest pane goes. */
  leave(): void;
  /** The rows as they are now: they have to be read before the next pane comes or goes. */
  rows(): RowSource;
  free(): void;
}

export class Slide implements SlidingRows {
  readonly #plan: ReducePlan;
  readonly #newTable: NewTable;
  /** What is inside, oldest first, with the largest number in it. */
  readonly #panes: { readonly pane: RowTable; readonly bound: number }[] = [];
  /** All bounds added up: no number in the total is larger. */
  #bound = 0;
  #total: RowTable | undefined;
  #groups: GroupSlide | undefined;

  constructor(plan: ReducePlan, newTable: NewTable) {
    this.#plan = plan;
    this.#newTable = newTable;
  }

  enter(pane: RowTable): void {
    if (this.#groups) {
      this.#panes.push({ pane, bound: 0 });
      return this.#groups.enter(pane.groups());
    }
    this.#total ??= this.#newTable(true);
    const bound = this.#total.enter?.(pane) ?? Number.POSITIVE_INFINITY;
    this.#panes.push({ pane, bound });
    this.#bound += bound;
    if (this.#bound > Number.MAX_SAFE_INTEGER) this.#goByKeys();
  }

  leave(): void {
    const oldest = this.#panes.shift();
    if (!oldest) return;
    this.#bound -= oldest.bound;
    if (this.#groups) this.#groups.leave();
    else this.#total?.subtract?.(oldest.pane);
  }

  rows(): RowSource {
    // Nothing inside: one row without keys, else none.
    if (this.#panes.length === 0) return this.#newTable();
    const rows = this.#groups ?? this.#total;
    return { rows: (settings) => rows?.rows(settings) ?? [], free: () => undefined };
  }

  free(): void {
    this.#total?.free();
    this.#total = undefined;
  }

  #goByKeys(): void {
    this.free();
    this.#groups = new GroupSlide(this.#plan);
    for (const { pane } of this.#panes) this.#groups.enter(pane.groups());
  }
}
