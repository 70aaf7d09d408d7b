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

/** Epoch milliseconds as RFC 3339 in UTC, without fractions where there are none. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
