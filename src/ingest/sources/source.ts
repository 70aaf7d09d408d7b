// A source yields bytes. It knows nothing of lines, records or envelopes.
export interface Source {
  /** How messages call it. */
  readonly name: string;
  /** Size in bytes, where it is finite and known. */
  readonly size?: number;
  /** Bytes taken from it so far; with `size` this is the progress. */
  readonly position: number;
  /** Throws SluiceError where it cannot be read. A chunk is good until the next one is asked for. */
  read(): AsyncIterable<Buffer>;
  /** Somebody types it. */
  readonly isTerminal?: boolean;
  /** True for a finite file that is not packed: it can be read from anywhere. */
  isPlainFile?(): Promise<boolean>;
}

export type SourceKind = {
  readonly name: string;
  readonly summary: string;
  readonly matches: (operand: string) => boolean;
  /** Checks that the operand can be read, before the first byte of any source is. Throws SluiceError('noInput'). */
  readonly open: (operand: string) => Promise<Source[]>;
  /** Of a kind that stands for files: those that are there now. They can be looked at again and again. */
  readonly paths?: (operand: string) => Promise<string[]>;
  /** Its files are read once, as they are. */
  readonly isReadOnce?: boolean;
};
