// A source yields bytes. It knows nothing of lines, records or envelopes.
import type { SourcePlace } from '../../stage/stage.ts';
import type { Positions } from '../../state/offsets-log.ts';

/** Bytes and where they stand, or, without bytes, the end of an input, at which a last line without newline is complete. */
export type Placed = { readonly place: SourcePlace; readonly bytes?: Buffer };

export interface Source {
  /** How messages call it. */
  readonly name: string;
  /** Size in bytes, where it is finite and known. */
  readonly size?: number;
  /** Bytes taken from it so far; with `size` this is the progress. */
  readonly position: number;
  /** Throws SluiceError where it cannot be read. A chunk is good until the next one is asked for. */
  read(): AsyncIterable<Buffer>;
  /**
   * For a job that keeps state: what is behind the places where an earlier run left off. `known` are those of all inputs of
   * the job. `isFinal`: nothing will be added any more, so that a last line without its end is a line.
   */
  readOn?(known: Positions, isFinal: boolean): AsyncIterable<Placed>;
  /** True for a finite file that is not packed: it can be read from anywhere. */
  isPlainFile?(): Promise<boolean>;
}

export type SourceKind = {
  readonly name: string;
  readonly summary: string;
  readonly matches: (operand: string) => boolean;
  /** Checks that the operand can be read, before the first byte of any source is. Throws SluiceError('noInput'). */
  readonly open: (operand: string) => Promise<Source[]>;
};
