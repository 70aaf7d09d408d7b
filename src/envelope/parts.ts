// Records gathered into parts of bounded size, so that no line grows without bound.
import type { Envelope, Header } from './envelope.ts';

/** Default size of a part's records in bytes. */
export const defaultPartSize = 1024 * 1024;

const comma = Buffer.from(',');

export class PartBuilder {
  readonly #partSize: number;
  #payloads: Buffer[] = [];
  #bytes = 0;
  /** Records gathered and not yet taken. */
  count = 0;

  constructor(partSize: number) {
    this.#partSize = partSize;
  }

  /** True where `payload` belongs in the next part: take this one first. */
  isFullFor(payload: Buffer): boolean {
    return this.count > 0 && this.#bytes + payload.length > this.#partSize;
  }

  add(payload: Buffer, count: number): void {
    if (count === 0) return;
    this.#payloads.push(payload);
    this.#bytes += payload.length + 1;
    this.count += count;
  }

  /** What was gathered, as an envelope with this header; the builder is empty again. */
  take(header: Omit<Header, 'n'>): Envelope {
    const envelope = { header: { ...header, n: this.count }, payload: join(this.#payloads) };
    this.#payloads = [];
    this.#bytes = 0;
    this.count = 0;
    return envelope;
  }
}

function join(payloads: readonly Buffer[]): Buffer {
  if (payloads.length === 1) return payloads[0] as Buffer;
  return Buffer.concat(payloads.flatMap((payload, index) => (index === 0 ? [payload] : [comma, payload])));
}
