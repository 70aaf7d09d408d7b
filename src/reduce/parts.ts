// Tables → the parts of one batch.
import {
  formatVersion,
  noRecords,
  type Envelope,
  type Header,
  type Interval,
  type Reduced,
} from '../envelope/envelope.ts';
import type { Rows, RowSettings, RowSource } from './rows.ts';

/** The rows of a table, and the window that they belong to. */
export type WindowRows = {
  readonly rows: RowSource;
  readonly window?: Interval | undefined;
  /** What the records are from, where that is neither the window nor the batch. */
  readonly interval?: Interval | undefined;
};

/** All tables as the parts of `batch`, the last one marked. The tables are freed on the way. */
export function* partsOf(
  tables: Iterable<WindowRows>,
  { closed, ...batch }: Pick<Header, 'batch' | 'from' | 'to' | 'closed'>,
  reduced: Reduced,
  settings: Omit<RowSettings, 'interval'>,
): Generator<Envelope> {
  const { from, to } = batch;
  const ofBatch = from !== undefined && to !== undefined ? { start: from, end: to } : undefined;
  let part = 0;
  // One piece is held back, since only the next one tells that it was not the last.
  let held: Envelope | undefined;
  for (const { rows, window, interval } of tables) {
    for (const { payload, count } of rowsOf(rows, { ...settings, interval: interval ?? window ?? ofBatch })) {
      if (held) yield held;
      const header = {
        v: formatVersion,
        ...batch,
        part: part++,
        last: false,
        n: count,
        reduced,
        ...(window && { window }),
      };
      held = { header, payload };
    }
    rows.free();
  }
  const last = held ?? { header: { v: formatVersion, ...batch, part, n: 0, reduced }, payload: noRecords };
  yield { header: { ...last.header, last: true, ...(closed && { closed }) }, payload: last.payload };
}

/** A table without rows is one piece without rows: whoever shows it has to know that the window was empty. */
function* rowsOf(rows: RowSource, settings: RowSettings): Generator<Rows> {
  let isEmpty = true;
  for (const piece of rows.rows(settings)) {
    isEmpty = false;
    yield piece;
  }
  if (isEmpty) yield { payload: noRecords, count: 0 };
}
