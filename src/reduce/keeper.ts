// What a reduction holds between two parts, and which rows it writes when a batch is complete. One kind a file:
// batches, windows, windows row by row as they change, sessions, running totals.
import type { Envelope, Header, Reduced } from '../envelope/envelope.ts';
import type { WindowRows } from './parts.ts';

export interface Keeper {
  /** Where true, a batch for which no table is written says so with an empty `closed`: it is no batch without rows. */
  readonly isWindowed: boolean;
  /** Where rows have other keys than the plan says. */
  readonly reduced?: Reduced;
  /** Takes in one part. `now`, in epoch milliseconds, is for what a record leaves open, such as its year. */
  fold(envelope: Envelope, now: number): void;
  /** The tables to write, in order, now that the batch of `header` is complete. */
  close(header: Header): Iterable<WindowRows>;
  /** True where the end of the stream closes something: `close` is called once more then, with the end's header. */
  closesAtEnd(ending: Header): boolean;
  /** Counters since the last call, for the report. */
  counters?(): Record<string, number>;
}
