// Messages come as records already: each piece is a block, with the offsets that it is of.
import { formatVersion, noRecords, type Envelope } from '../../envelope/envelope.ts';
import type { Core } from '../../stage/core.ts';
import type { Rejects } from '../../stage/rejects.ts';
import { heartbeatMilliseconds } from '../../stage/reporting.ts';
import type { SourceChunk } from '../../stage/stage.ts';
import { openingMilliseconds } from '../ingest.ts';
import type { MessageEncoder } from './encoder.ts';

export class BlocksCore implements Core<SourceChunk> {
  readonly #encoder: MessageEncoder;
  readonly #rejects: Rejects;
  /** Where a finite input stands. */
  readonly #progress: () => { readonly done: number; readonly total?: number };
  /** Undefined while nobody knows where the job begins: its first block says so, before any other. */
  #deadline: number | undefined;

  constructor(
    encoder: MessageEncoder,
    rejects: Rejects,
    progress: () => { readonly done: number; readonly total?: number },
    startedAt: number | undefined,
  ) {
    this.#encoder = encoder;
    this.#rejects = rejects;
    this.#progress = progress;
    if (startedAt !== undefined) this.#deadline = startedAt + openingMilliseconds;
  }

  *accept(chunk: SourceChunk, now: number): Generator<Envelope> {
    this.#deadline = now + ('opening' in chunk ? openingMilliseconds : heartbeatMilliseconds);
    if ('opening' in chunk) return yield chunk.opening;
    if ('flush' in chunk)
      return yield { header: { v: formatVersion, n: 0, flush: true }, payload: noRecords };
    if (!('payload' in chunk)) throw new TypeError('not of this source');
    const { payload, count: n, offsets } = chunk;
    yield { header: { v: formatVersion, n, offsets }, payload };
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }

  deadline(): number | undefined {
    return this.#deadline;
  }

  *tick(now: number): Generator<Envelope> {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#deadline = now + heartbeatMilliseconds;
    yield { header: { v: formatVersion, n: 0 }, payload: noRecords };
  }

  counters(): Record<string, number> {
    const counters = { rejected: this.#rejects.takeCount(), ...this.#encoder.counters() };
    return {
      ...Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0)),
      ...this.#progress(),
    };
  }
}
