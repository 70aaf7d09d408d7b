// Windows that are written once, when they close. Each pane is folded into one table, whatever number of windows it
// lies in; slide.ts puts them together.
import type { Envelope, Header } from '../envelope/envelope.ts';
import type { Rejects } from '../stage/rejects.ts';
import { PaneStore } from '../window/pane-store.ts';
import type { Keeper } from './keeper.ts';
import type { WindowRows } from './parts.ts';
import type { RowTable } from './row-table.ts';

export class WindowKeeper implements Keeper {
  readonly isWindowed = true;
  readonly #newTable: () => RowTable;
  readonly #rejects: Rejects;
  /** A table for each pane, or for each window that rows were reduced by upstream. */
  readonly #panes = new PaneStore<RowTable>();

  constructor(newTable: () => RowTable, rejects: Rejects) {
    this.#newTable = newTable;
    this.#rejects = rejects;
  }

  fold(envelope: Envelope): void {
    const { pane, window } = envelope.header;
    const interval = pane ?? window;
    if (interval) this.#panes.at(interval, this.#newTable).fold(envelope, this.#rejects);
  }

  /** One window at a time: a table that was written is freed before the next one is put together. */
  *close({ closed = [] }: Header): Generator<WindowRows> {
    for (const window of closed) {
      const rows = this.#newTable();
      for (const pane of this.#panes.inside(window)) rows.merge(pane);
      for (const pane of this.#panes.release(window)) pane.free();
      yield { rows, window };
    }
  }

  closesAtEnd({ closed = [] }: Header): boolean {
    return closed.length > 0;
  }
}
