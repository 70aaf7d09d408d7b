// A format turns whole lines into records. One file a format, one line in registry.ts.
import type { Rejects } from '../../stage/rejects.ts';

/** Records as they go into an envelope: the inside of a JSON array, how many they are, and from how many lines. */
export type Encoded = { payload: Buffer; count: number; lines: number };

export interface Format {
  /** A record may have line ends in it, where it comes in one piece. */
  readonly keepsLineEnds?: boolean;
  /** `region` is whole lines, each with its newline; `placeOf` says where one of them stands, counted from 0, for
   * messages. Throws what the rejects throw, but not before the records ahead have been yielded. */
  encode(region: Buffer, placeOf: PlaceOf): Iterable<Encoded>;
  /** Counters since the last call, for the report. */
  counters(): Record<string, number>;
}

export type PlaceOf = (line: number) => string;

export type FormatKind = {
  readonly name: string;
  readonly summary: string;
  readonly create: (rejects: Rejects) => Format;
};
