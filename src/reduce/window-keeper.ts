// Windows that are written once, when they close. Each pane is folded into one table, whatever number of windows it
// lies in; from one window to the next, panes come and go.
import type { Header, Interval } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { Rejects } from '../stage/rejects.ts';
import { PaneStore } from '../window/pane-store.ts';
import type { Keeper } from './keeper.ts';
import { MergedPanes } from './merged-panes.ts';
import type { WindowRows } from './parts.ts';
import type { ReducePlan } from './plan.ts';
import type { NewTable, Part, RowTable } from './row-table.ts';
import { Slide, type SlidingRows } from './slide.ts';

export class WindowKeeper implements Keeper {
  readonly isWindowed = true;
  readonly #plan: ReducePlan;
  readonly #newTable: NewTable;
  readonly #rejects: Rejects;
  /** A table for each pane, or for each window that rows were reduced by upstream. */
  readonly #panes = new PaneStore<RowTable>();
  #slide: SlidingRows | undefined;
  /** One that is of no use any more, but has panes yet that are going to enter the next. */
  #former: SlidingRows | undefined;
  /** The panes that the slide holds, oldest first. */
  #inside: RowTable[] = [];

  constructor(plan: ReducePlan, newTable: NewTable, rejects: Rejects) {
    this.#plan = plan;
    this.#newTable = newTable;
    this.#rejects = rejects;
  }

  fold(envelope: Part): void {
    const { pane, window } = envelope.header;
    const interval = pane ?? window;
    if (!interval) return;
    const table = this.#panes.at(interval, () => this.#newTable());
    // Late records, of which some windows are closed and others open.
    if (this.#inside.includes(table)) this.#startAnew();
    this.#former?.giveBack(table);
    table.fold(envelope, this.#rejects);
  }

  *close({ closed = [] }: Header): Generator<WindowRows> {
    for (const window of closed) {
      // Where windows lie side by side, each is a pane.
      const whole = this.#panes.take(window);
      if (whole) {
        yield { rows: whole, window };
        continue;
      }
      yield { rows: this.#slideTo(window).rows(), window };
      this.#release(window);
    }
  }

  closesAtEnd({ closed = [] }: Header): boolean {
    return closed.length > 0;
  }

  snapshot(): Json {
    const slide = this.#slide ?? this.#former;
    return this.#panes
      .entries()
      .map(({ pane, held }) => ({ pane: { ...pane }, rows: slide?.snapshot(held) ?? held.snapshot() }));
  }

  restore(snapshot: Json): void {
    for (const { pane, rows } of snapshot as unknown as { pane: Interval; rows: Json }[])
      this.#panes.at(pane, this.#newTable).restore(rows);
  }

  #slideTo(window: Interval): SlidingRows {
    const panes = this.#panes.inside(window);
    // Late records may have made a pane among those that are inside.
    if (this.#inside.some((table, index) => panes[index] !== table)) this.#startAnew();
    const slide = (this.#slide ??= this.#newSlide());
    for (const table of panes.slice(this.#inside.length)) {
      this.#former?.giveBack(table);
      slide.enter(table);
    }
    this.#former?.free();
    this.#former = undefined;
    this.#inside = panes;
    return slide;
  }

  #newSlide(): SlidingRows {
    const { maxKeys } = this.#plan;
    return maxKeys === undefined
      ? new Slide(this.#plan, this.#newTable)
      : new MergedPanes(() => this.#newTable());
  }

  /** Lets go of the panes that no window behind this one needs. */
  #release(window: Interval): void {
    const released = new Set(this.#panes.release(window));
    const staying = this.#inside.filter((table) => !released.has(table));
    for (let left = this.#inside.length - staying.length; left > 0; left -= 1) this.#slide?.leave();
    this.#inside = staying;
    for (const table of released) table.free();
  }

  #startAnew(): void {
    this.#former = this.#slide;
    this.#slide = undefined;
    this.#inside = [];
  }
}
