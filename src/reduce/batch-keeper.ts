// A table a batch; of rows that were reduced by window upstream, one a window.
import type { Envelope } from '../envelope/envelope.ts';
import type { Rejects } from '../stage/rejects.ts';
import { PaneStore } from '../window/pane-store.ts';
import type { Keeper } from './keeper.ts';
import type { WindowRows } from './parts.ts';
import type { RowTable } from './row-table.ts';

export class BatchKeeper implements Keeper {
  readonly isWindowed = false;
  readonly #newTable: () => RowTable;
  readonly #rejects: Rejects;
  /** True for rows reduced upstream, of which none make no row. */
  readonly #takesRows: boolean;
  readonly #windows = new PaneStore<RowTable>();
  #batch: RowTable | undefined;

  constructor(newTable: () => RowTable, rejects: Rejects, takesRows: boolean) {
    this.#newTable = newTable;
    this.#rejects = rejects;
    this.#takesRows = takesRows;
  }

  fold(envelope: Envelope): void {
    const { window, n } = envelope.header;
    if (window) this.#windows.at(window, this.#newTable).fold(envelope, this.#rejects);
    else if (n > 0 || !this.#takesRows) (this.#batch ??= this.#newTable()).fold(envelope, this.#rejects);
  }

  *close(): Generator<WindowRows> {
    for (const { pane, held } of this.#windows.takeAll()) yield { rows: held, window: pane };
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch) yield { rows: batch };
  }

  closesAtEnd(): boolean {
    return false;
  }
}
