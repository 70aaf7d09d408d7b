// Tables → the parts of one batch.
import {
  formatVersion,
  noRecords,
  type Envelope,
  type Header,
  type Interval,
  type Reduced,
} from '../envelope/envelope.ts';
import type { Rows, RowSettings, RowTable } from './row-table.ts';

/** A table, and the window whose rows it has. */
export type WindowTable = { readonly table: RowTable; readonly window?: Interval | undefined };

/** All tables as the parts of `batch`, the last one marked. The tables are freed on the way. */
export function* partsOf(
  tables: Iterable<WindowTable>,
  { closed, ...batch }: Pick<Header, 'batch' | 'from' | 'to' | 'closed'>,
  reduced: Reduced,
  settings: Omit<RowSettings, 'interval'>,
): Generator<Envelope> {
  const { from, to } = batch;
  const ofBatch = from !== undefined && to !== undefined ? { start: from, end: to } : undefined;
  let part = 0;
  // One piece is held back, since only the next one tells that it was not the last.
  let held: Envelope | undefined;
  for (const { table, window } of tables) {
    for (const { payload, count } of rowsOf(table, { ...settings, interval: window ?? ofBatch })) {
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
    table.free();
  }
  const last = held ?? { header: { v: formatVersion, ...batch, part, n: 0, reduced }, payload: noRecords };
  yield { header: { ...last.header, last: true, ...(closed && { closed }) }, payload: last.payload };
}

/** A table without rows is one piece without rows: whoever shows it has to know that the window was empty. */
function* rowsOf(table: RowTable, settings: RowSettings): Generator<Rows> {
  let isEmpty = true;
  for (const rows of table.rows(settings)) {
    isEmpty = false;
    yield rows;
  }
  if (isEmpty) yield { payload: noRecords, count: 0 };
}
