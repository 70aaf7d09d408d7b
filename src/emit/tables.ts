// Envelopes → tables: which rows belong together, when a table begins and when it is complete. A table is a batch,
// or a window.
import type { Envelope } from '../envelope/envelope.ts';
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
  #open: TableHead | undefined;

  *accept(envelope: Envelope): Generator<TablePart> {
    const { header } = envelope;
    // Windowed rows, and this part has none: it says which windows are complete.
    if (header.closed && !header.window && header.n === 0) return yield* this.end();
    const head = headOf(envelope);
    const isFirst = this.#open === undefined || !isSameTable(this.#open, head);
    if (isFirst) yield* this.end();
    const isLast = header.last === true;
    this.#open = isLast ? undefined : head;
    yield { head, rows: rowsOf(envelope), isFirst, isLast };
  }

  /** Completes the table that is open. */
  *end(): Generator<TablePart> {
    if (this.#open) yield { head: this.#open, rows: Rows.none, isFirst: false, isLast: true };
    this.#open = undefined;
  }
}

function headOf({ header: { batch, from, to, window, reduced } }: Envelope): TableHead {
  const columns = reduced && { reduced };
  if (window) return { batch, interval: window, isWindow: true, ...columns };
  return {
    batch,
    isWindow: false,
    ...columns,
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
