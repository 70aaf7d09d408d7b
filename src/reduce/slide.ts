// Panes that come and go, and their rows together: a window that slides costs what enters and leaves, not what it holds.
// A total from which the oldest pane is subtracted, as long as that is exact; else key by key, in key-window.ts.
import type { Json } from '../envelope/json.ts';
import { GroupSlide } from './group-slide.ts';
import type { ReducePlan } from './plan.ts';
import type { NewTable, RowTable } from './row-table.ts';
import type { RowSource } from './rows.ts';

/** A window that slides. */
export interface SlidingRows {
  /** From now on `pane` is not to be used until it has left, when whoever made it frees it, or is given back. */
  enter(pane: RowTable): void;
  /** The oldest pane goes. */
  leave(): void;
  /** The rows as they are now: they have to be read before the next pane comes or goes. */
  rows(): RowSource;
  /** Of a pane that is inside or not. */
  snapshot(pane: RowTable): Json;
  /** Gives a pane back as it was, if it is inside; no more panes come or go then. */
  giveBack(pane: RowTable): void;
  free(): void;
}

export class Slide implements SlidingRows {
  readonly #plan: ReducePlan;
  readonly #newTable: NewTable;
  /** What is inside, oldest first, with the largest number in it. The total has what was in them, unless that is infinite. */
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
      this.#panes.push({ pane, bound: Number.POSITIVE_INFINITY });
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
    if (this.#groups) return this.#groups.leave();
    this.#bound -= oldest.bound;
    this.#total?.leave?.();
  }

  rows(): RowSource {
    // Nothing inside: one row without keys, else none.
    if (this.#panes.length === 0) return this.#newTable();
    const rows = this.#groups ?? this.#total;
    return { rows: (settings) => rows?.rows(settings) ?? [], free: () => undefined };
  }

  snapshot(pane: RowTable): Json {
    const place = this.#placeOf(pane);
    return (place === -1 ? undefined : this.#total?.snapshotEntered?.(place)) ?? pane.snapshot();
  }

  giveBack(pane: RowTable): void {
    const place = this.#placeOf(pane);
    if (place === -1) return;
    this.#total?.copyEntered?.(place, pane);
    this.#panes[place] = { pane, bound: Number.POSITIVE_INFINITY };
  }

  free(): void {
    this.#total?.free();
    this.#total = undefined;
  }

  /** As which of those inside the total has this pane; −1 where the pane has all of it itself. */
  #placeOf(pane: RowTable): number {
    return this.#panes.findIndex((inside) => inside.pane === pane && inside.bound < Number.POSITIVE_INFINITY);
  }

  #goByKeys(): void {
    for (const { pane } of this.#panes) this.giveBack(pane);
    this.free();
    this.#groups = new GroupSlide(this.#plan);
    for (const { pane } of this.#panes) this.#groups.enter(pane.groups());
  }
}
