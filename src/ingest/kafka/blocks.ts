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
  #deadline: number;

  constructor(
    encoder: MessageEncoder,
    rejects: Rejects,
    progress: () => { readonly done: number; readonly total?: number },
    startedAt: number,
  ) {
    this.#encoder = encoder;
    this.#rejects = rejects;
    this.#progress = progress;
    this.#deadline = startedAt + openingMilliseconds;
  }

  *accept(chunk: SourceChunk, now: number): Generator<Envelope> {
    if ('opening' in chunk) {
      this.#deadline = now + openingMilliseconds;
      return yield chunk.opening;
    }
    if (!('payload' in chunk)) throw new TypeError('not of this source');
    this.#deadline = now + heartbeatMilliseconds;
    const { payload, count: n, offsets } = chunk;
    yield { header: { v: formatVersion, n, offsets }, payload };
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }

  deadline(): number {
    return this.#deadline;
  }

  *tick(now: number): Generator<Envelope> {
    if (now < this.#deadline) return;
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
