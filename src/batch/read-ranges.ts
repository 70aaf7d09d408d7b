// From where to where the sources of the open batch were read.
import type { Header, Offsets, Position } from '../envelope/envelope.ts';

/** What a batch was read from. */
export type Read = {
  readonly offsets: Offsets;
  /** Where several sources were read in turns: which, and up to where each time. */
  readonly order?: readonly (readonly [source: string, until: number])[];
};

/** The block that records are taken from. */
type Block = {
  readonly source: string;
  readonly from: Position;
  readonly until: Position;
  readonly n: number;
  taken: number;
};

export class ReadRanges {
  #open: Record<string, { readonly from: Position; readonly until: Position }> = {};
  #order: [source: string, until: number][] = [];
  #block: Block | undefined;

  /** A block comes. */
  read({ offsets = {}, n }: Header): void {
    const [entry] = Object.entries(offsets);
    this.#block = entry && { source: entry[0], ...entry[1], n, taken: 0 };
    // Input that held no record is passed over with this batch.
    if (n === 0) this.take(0);
  }

  /** The open batch takes so many of the block's records. */
  take(records: number): void {
    const block = this.#block;
    if (!block) return;
    const from = behind(block, block.taken);
    block.taken += records;
    const until = block.taken === block.n ? block.until : behind(block, block.taken);
    this.#open[block.source] = { from: this.#open[block.source]?.from ?? from, until };
    if (this.#order.at(-1)?.[0] === block.source) this.#order.pop();
    this.#order.push([block.source, until.offset]);
  }

  /** Something was taken, if only input without records. */
  get hasOpen(): boolean {
    return this.#order.length > 0;
  }

  /** Of the batch that is closed now; the next one begins with nothing. */
  close(): Read {
    const offsets = this.#open;
    const order = this.#order;
    this.#open = {};
    this.#order = [];
    return { offsets, ...(order.length > Object.keys(offsets).length && { order }) };
  }
}

/** The place behind so many records of a block. */
function behind({ from, until, n }: Pick<Block, 'from' | 'until' | 'n'>, records: number): Position {
  if (records === 0) return from;
  const { offset, skip = 0 } = from;
  // Each record takes one: it has an offset of its own, as messages of Kafka have.
  if (skip === 0 && until.offset - offset === n) return { ...from, offset: offset + records };
  return { ...from, skip: skip + records };
}
