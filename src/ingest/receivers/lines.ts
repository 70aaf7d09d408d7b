// Lines that one client sends: whole ones go into the inbox.
import { LineCutter } from '../lines.ts';
import type { Inbox } from './inbox.ts';

/** What becomes of the bytes of one client. */
export interface Reading {
  /** Throws Refused where the client is to be let go. */
  push(bytes: Buffer): void;
  /** The client has sent everything. Throws Refused. */
  end(): void;
  /** The client is gone, or is to go. */
  close?(): void;
  pause?(): void;
  resume?(): void;
  /** Bytes that are kept of something that is not whole. */
  readonly held: number;
  /** In so many pieces, each of which takes memory of its own. */
  readonly pieces: number;
  /** How much has come that was whole. */
  readonly whole: number;
  /** Lines that were cut off. */
  readonly cut: number;
  /** Answers that are still to be given. */
  readonly unanswered?: number;
}

export class LineReading implements Reading {
  readonly #cutter: LineCutter;
  readonly #inbox: Inbox;
  readonly #maxRecord: number;
  #end = 0;
  whole = 0;

  constructor(inbox: Inbox, maxRecord: number) {
    this.#inbox = inbox;
    this.#maxRecord = maxRecord;
    this.#cutter = new LineCutter(maxRecord);
  }

  push(bytes: Buffer): void {
    this.#add(this.#cutter.push(bytes));
  }

  end(): void {
    this.#add(this.#cutter.finish());
  }

  get held(): number {
    return Math.min(this.#cutter.end - this.#end, this.#maxRecord);
  }

  get pieces(): number {
    return this.#cutter.pieces;
  }

  get cut(): number {
    return this.#cutter.cut;
  }

  #add(regions: Iterable<Buffer>): void {
    for (const bytes of regions) {
      this.#inbox.add({ bytes });
      this.whole += 1;
      this.#end = this.#cutter.position;
    }
  }
}
