// Envelopes → tables: which rows belong together, when a table begins and when it is complete. A table is a batch,
// or a window. Records that were windowed but not reduced are held until their windows close.
import type { Envelope, Interval } from '../envelope/envelope.ts';
import { recordSlices } from '../envelope/records.ts';
import { SluiceError } from '../errors.ts';
import { PaneStore } from '../window/pane-store.ts';
import type { TableHead } from './formats/format.ts';

/** Some rows of a table, as JSON texts. `isLast` completes it. */
export type TablePart = {
  readonly head: TableHead;
  readonly rows: readonly string[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
};

export class Tables {
  readonly #panes = new PaneStore<string[]>();
  #isPaned = false;
  #open: TableHead | undefined;

  *accept(envelope: Envelope): Generator<TablePart> {
    const { header } = envelope;
    const rows = rowsOf(envelope);
    this.#isPaned ||= header.pane !== undefined || (header.closed !== undefined && !header.reduced);
    if (this.#isPaned) {
      // Batches with many parts for one pane make a long list; pushing one by one has no limit on arguments.
      if (header.pane) for (const row of rows) this.#panes.at(header.pane, () => []).push(row);
      yield* this.#close(header.closed ?? []);
      return;
    }
    // Windowed rows, and no window has closed with this batch: there is nothing to show.
    if (header.closed && !header.window && rows.length === 0) return;
    const head = headOf(envelope);
    const isSame = this.#open !== undefined && isSameTable(this.#open, head);
    if (this.#open && !isSame) yield { head: this.#open, rows: [], isFirst: false, isLast: true };
    const isLast = header.last ?? false;
    yield { head, rows, isFirst: !isSame, isLast };
    this.#open = isLast ? undefined : head;
  }

  *end(ending: Envelope): Generator<TablePart> {
    yield* this.#close(ending.header.closed ?? []);
    if (this.#open) yield { head: this.#open, rows: [], isFirst: false, isLast: true };
    this.#open = undefined;
  }

  *#close(closed: readonly Interval[]): Generator<TablePart> {
    for (const window of closed) {
      const rows = this.#panes.close(window).flat();
      yield { head: { interval: window, isWindow: true }, rows, isFirst: true, isLast: true };
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

function rowsOf({ header, payload }: Envelope): string[] {
  const rows = Array.from(recordSlices(payload), (slice) => slice.toString('utf8').trim());
  if (rows.length === header.n) return rows;
  throw new SluiceError(
    'badData',
    `batch ${header.batch ?? 0}, part ${header.part ?? 0} is damaged: field 'n' says ${header.n}, but there are ${rows.length} records`,
  );
}
