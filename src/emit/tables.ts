// Envelopes → tables: which rows belong together, when a table begins and when it is complete. A table is a batch,
// or a window. Records that were windowed but not reduced are held until their windows close.
import type { Envelope, Interval } from '../envelope/envelope.ts';
import { PaneStore } from '../window/pane-store.ts';
import type { TableHead } from './formats/format.ts';
import { Rows } from './rows.ts';

/** Some rows of a table. `isLast` completes it. */
export type TablePart = {
  readonly head: TableHead;
  readonly rows: Rows;
  readonly isFirst: boolean;
  readonly isLast: boolean;
};

export class Tables {
  readonly #panes = new PaneStore<Rows[]>();
  #isPaned = false;
  #open: TableHead | undefined;

  *accept(envelope: Envelope): Generator<TablePart> {
    const { header } = envelope;
    this.#isPaned ||= header.pane !== undefined || (header.closed !== undefined && !header.reduced);
    if (this.#isPaned) {
      if (header.pane) this.#panes.at(header.pane, () => []).push(rowsOf(envelope));
      yield* this.#close(header.closed ?? []);
      return;
    }
    // Windowed rows, and no window has closed with this batch: there is nothing to show.
    if (header.closed && !header.window && header.n === 0) return;
    const head = headOf(envelope);
    const isFirst = this.#open === undefined || !isSameTable(this.#open, head);
    if (this.#open && isFirst) yield { head: this.#open, rows: Rows.none, isFirst: false, isLast: true };
    const isLast = header.last === true;
    this.#open = isLast ? undefined : head;
    yield { head, rows: rowsOf(envelope), isFirst, isLast };
  }

  *end(ending: Envelope): Generator<TablePart> {
    yield* this.#close(ending.header.closed ?? []);
    if (this.#open) yield { head: this.#open, rows: Rows.none, isFirst: false, isLast: true };
    this.#open = undefined;
  }

  *#close(closed: readonly Interval[]): Generator<TablePart> {
    for (const window of closed) {
      const head = { interval: window, isWindow: true };
      let isFirst = true;
      for (const rows of this.#panes.inside(window).flat()) {
        yield { head, rows, isFirst, isLast: false };
        isFirst = false;
      }
      this.#panes.release(window);
      yield { head, rows: Rows.none, isFirst, isLast: true };
    }
  }
}

function headOf({ header: { batch, from, to, window } }: Envelope): TableHead {
  if (window) return { batch, interval: window, isWindow: true };
  return {
    batch,
    isWindow: false,
    ...(from !== undefined && to !== undefined && { interval: { start: from, end: to } }),
  };
}

function isSameTable(one: TableHead, other: TableHead): boolean {
  return (
    one.batch === other.batch &&
    one.interval?.start === other.interval?.start &&
    one.interval?.end === other.interval?.end
  );
}

function rowsOf({ header: { batch, part, n }, payload }: Envelope): Rows {
  return new Rows(payload, n, `batch ${batch ?? 0}, part ${part ?? 0}`);
}
