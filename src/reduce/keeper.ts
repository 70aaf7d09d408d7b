// What a reduction holds between two parts, and which rows it writes when a batch is complete. One kind a file:
// batches, windows, windows row by row as they change, sessions, running totals.
import type { Header, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { WindowRows } from './parts.ts';
import type { Part } from './row-table.ts';

export interface Keeper {
  /** Where true, a batch for which no table is written says so with an empty `closed`: it is no batch without rows. */
  readonly isWindowed: boolean;
  /** Where rows have other keys than the plan says. */
  readonly reduced?: Reduced;
  /** Takes in one part. `now`, in epoch milliseconds, is for what a record leaves open, such as its year. */
  fold(part: Part, now: number): void;
  /** The tables to write, in order, now that the batch of `header` is complete. */
  close(header: Header): Iterable<WindowRows>;
  /** True where the end of the stream closes something: `close` is called once more then, with the end's header. */
  closesAtEnd(ending: Header): boolean;
  /** What it holds between two batches, as JSON, and back; absent where that is nothing. */
  snapshot?(): Json;
  restore?(snapshot: Json): void;
  /** Counters since the last call, for the report. */
  counters?(): Record<string, number>;
}
