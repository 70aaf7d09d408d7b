// Batches → records to be put in sessions. Only a reduce knows the keys that sessions are of; here late records are left
// out, and each part is told the gap and the time field.
import type { Envelope, SessionSpec } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { Core } from '../stage/core.ts';
import { Arrivals, withWatermark, type EventTimeOptions } from './arrivals.ts';
import { Runs } from './runs.ts';

export class SessionCore implements Core {
  readonly #session: SessionSpec;
  readonly #arrivals: Arrivals;

  /** `gap` is in milliseconds. */
  constructor(gap: number, options: EventTimeOptions) {
    this.#session = { gap, time: options.time };
    this.#arrivals = new Arrivals(options);
  }

  *accept(envelope: Envelope, now: number): Generator<Envelope> {
    const { header, payload } = envelope;
    // As the batches before have left it: a record of this one that is in time may still join a session that ended by then.
    const { watermark } = this.#arrivals;
    const runs = new Runs(payload);
    // A session that this record were alone in would end a gap behind it.
    const goneAt = (time: number): number => time + this.#session.gap;
    this.#arrivals.read(envelope, now, goneAt, (start, end) => runs.add(start, end));
    const marked = { ...withWatermark(header, watermark), n: runs.count, session: this.#session };
    yield { header: marked, payload: runs.join() };
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }

  snapshot(): Json {
    return this.#arrivals.snapshot();
  }

  restore(snapshot: Json): void {
    this.#arrivals.restore(snapshot);
  }

  counters(): Record<string, number> {
    return this.#arrivals.counters();
  }
}
