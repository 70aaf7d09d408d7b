// Puts a stream's envelopes in their place: fills in what a hand-made one leaves out, and refuses what cannot be
// one stream, such as a part missing or two writers in one pipe.
import { SluiceError } from '../errors.ts';
import type { Envelope, Header } from './envelope.ts';

export class EnvelopeSequence {
  #nextBatch: number | undefined;
  #nextPart = 0;
  #ended = false;
  /** True once an envelope carried `v`: then sluice wrote the stream, and it has to close with an `end`. */
  isOurs = false;

  /** The envelope with its batch number, part and last filled in. Throws SluiceError('badData'). */
  place(envelope: Envelope, lineNumber: number): Envelope {
    const { header } = envelope;
    if (this.#ended) throw outOfOrder(lineNumber, 'it follows the end of the stream');
    if (header.v !== undefined) this.isOurs = true;
    if (header.end !== undefined) {
      this.#ended = true;
      return envelope;
    }
    if (header.batch === undefined && header.v !== undefined) return envelope;
    const placed = this.#withPlace(header);
    this.#check(placed, lineNumber);
    this.#nextPart = placed.last ? 0 : placed.part + 1;
    this.#nextBatch = placed.last ? placed.batch + 1 : placed.batch;
    return { header: placed, payload: envelope.payload };
  }

  #withPlace(header: Header): Header & { batch: number; part: number; last: boolean } {
    return {
      ...header,
      batch: header.batch ?? this.#nextBatch ?? 0,
      part: header.part ?? 0,
      last: header.last ?? header.part === undefined,
    };
  }

  #check({ batch, part }: { batch: number; part: number }, lineNumber: number): void {
    if (this.#nextPart > 0 && batch !== this.#nextBatch) {
      throw outOfOrder(
        lineNumber,
        `batch ${batch} begins, but batch ${this.#nextBatch} is not closed by a last part`,
      );
    }
    if (part !== this.#nextPart) {
      throw outOfOrder(
        lineNumber,
        `part ${part} of batch ${batch} comes where part ${this.#nextPart} is due`,
      );
    }
    if (this.#nextBatch !== undefined && batch !== this.#nextBatch) {
      throw outOfOrder(lineNumber, `batch ${batch} comes where batch ${this.#nextBatch} is due`);
    }
  }
}

function outOfOrder(lineNumber: number, why: string): SluiceError {
  return new SluiceError(
    'badData',
    `envelope out of order, line ${lineNumber}: ${why}`,
    'a stream has one writer, and each line of it once',
  );
}

/** For stages that work batch by batch. Throws SluiceError('usage') for the blocks that ingest writes. */
export function requireBatch(header: Header, stage: string): void {
  if (header.batch !== undefined) return;
  throw new SluiceError(
    'usage',
    `${stage} reads batches, and these records come in blocks`,
    'put a `sluice batch` in between, for example: sluice ingest | sluice batch 10s | …',
  );
}
