// A format writes rows as text. One file a format, one line in registry.ts.
import type { Json } from '../../envelope/json.ts';
import type { Interval, Reduced } from '../../envelope/envelope.ts';
import { formatTime } from '../../time/epoch.ts';
import type { Rows } from '../rows.ts';

/** What rows belong to: a batch, or a window. */
export type TableHead = {
  readonly batch?: number | undefined;
  /** The batch's interval, where it has one, or the window. */
  readonly interval?: Interval | undefined;
  readonly isWindow: boolean;
  /** Which columns are keys; absent where the rows were not reduced. */
  readonly reduced?: Reduced | undefined;
};

export type LaidOut = { readonly bytes: Buffer; readonly rest: Rows };

export interface RowFormat {
  /** Lines straight from the rows' bytes, as many as it can of so many that it pays; `write` does the same for the rest. */
  layOut?(rows: Rows, head: TableHead): LaidOut | undefined;
  /** `rows` are JSON texts. `isFirst` says that they open the table. Throws SluiceError('badData'). */
  write(rows: readonly string[], head: TableHead, isFirst: boolean): string | Promise<string>;
  /** What later rows depend on, such as the columns of a heading; absent where that is nothing. */
  snapshot?(): Json;
  restore?(snapshot: Json): void;
  /** What `snapshot` said of rows, from the beginning of what they were written as. */
  readHeading?(text: string): Json;
}

/** The edges of a window as a row has them: times, or record numbers. */
export function windowEdges({ start, end, unit }: Interval): readonly (readonly [string, string | number])[] {
  const edge = (at: number): string | number => (unit === 'records' ? at : formatTime(at));
  return [
    ['window_start', edge(start)],
    ['window_end', edge(end)],
  ];
}
