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
    this.#isPaned ||= header.pane !== undefined || (header.closed !== undefined && !header.reduced);
    if (this.#isPaned) {
      for (const rows of piecesOf(envelope))
        if (header.pane) this.#panes.at(header.pane, () => []).push(...rows);
      yield* this.#close(header.closed ?? []);
      return;
    }
    // Windowed rows, and no window has closed with this batch: there is nothing to show.
    if (header.closed && !header.window && header.n === 0) return;
    const head = headOf(envelope);
    let isFirst = this.#open === undefined || !isSameTable(this.#open, head);
    if (this.#open && isFirst) yield { head: this.#open, rows: [], isFirst: false, isLast: true };
    for (const rows of piecesOf(envelope)) {
      yield { head, rows, isFirst, isLast: false };
      isFirst = false;
    }
    this.#open = head;
    if (!header.last) return;
    yield { head, rows: [], isFirst, isLast: true };
    this.#open = undefined;
  }

  *end(ending: Envelope): Generator<TablePart> {
    yield* this.#close(ending.header.closed ?? []);
    if (this.#open) yield { head: this.#open, rows: [], isFirst: false, isLast: true };
    this.#open = undefined;
  }

  *#close(closed: readonly Interval[]): Generator<TablePart> {
    for (const window of closed) {
      const rows = this.#panes.inside(window).flat();
      this.#panes.release(window);
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

/** So many rows at a time: few enough that what is made of them is gone before the garbage collector moves it. */
const pieceSize = 500;

function* piecesOf({ header, payload }: Envelope): Generator<string[]> {
  let count = 0;
  let rows: string[] = [];
  for (const slice of recordSlices(payload)) {
    rows.push(slice.toString('utf8').trim());
    count += 1;
    if (rows.length < pieceSize) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
  if (count === header.n) return;
  throw new SluiceError(
    'badData',
    `batch ${header.batch ?? 0}, part ${header.part ?? 0} is damaged: field 'n' says ${header.n}, but there are ${count} records`,
  );
}
