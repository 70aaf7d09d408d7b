// A format writes rows as text. One file a format, one line in registry.ts.
import type { Interval } from '../../envelope/envelope.ts';

/** What rows belong to: a batch, or a window. */
export type TableHead = {
  readonly batch?: number | undefined;
  /** The batch's interval, where it has one, or the window. */
  readonly interval?: Interval | undefined;
  readonly isWindow: boolean;
};

export interface RowFormat {
  /** `rows` are JSON texts. `isFirst` says that they open the table. Throws SluiceError('badData'). */
  write(rows: readonly string[], head: TableHead, isFirst: boolean): string | Promise<string>;
}

/** The edges of a window as a row has them: times, or record numbers. */
export function windowEdges({ start, end, unit }: Interval): readonly (readonly [string, string | number])[] {
  const edge = (at: number): string | number => (unit === 'records' ? at : formatTime(at));
  return [
    ['window_start', edge(start)],
    ['window_end', edge(end)],
  ];
}

/** Epoch milliseconds as RFC 3339 in UTC, without fractions where there are none. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
