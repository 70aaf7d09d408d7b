// What all windows on event time begin with: the time of each record, the watermark, and what is left out.
import { formatDuration } from '../command/values.ts';
import type { Envelope, Header, TimeSpec } from '../envelope/envelope.ts';
import { parseJson, type Json } from '../envelope/json.ts';
import { requireBatch } from '../envelope/sequence.ts';
import type { DeadLetter } from '../stage/dead-letters.ts';
import type { Rejects } from '../stage/rejects.ts';
import { PayloadTimeReader } from '../time/payload-times.ts';
import { formatTime } from '../time/epoch.ts';
import { placeOf } from '../record/messages.ts';
import type { LateRecords } from './late.ts';
import { refuseWindowed } from './refuse-windowed.ts';
import { Watermark } from './watermark.ts';

export type EventTimeOptions = {
  readonly time: TimeSpec;
  /** Milliseconds. */
  readonly lateness: number;
  readonly idleTimeout?: number | undefined;
  readonly maxSkew?: number | undefined;
  readonly late: LateRecords;
  readonly rejects: Rejects;
};

/** A record's bytes are at [start, end) of its payload. */
type Take = (start: number, end: number, time: number) => void;

export class Arrivals {
  readonly #options: EventTimeOptions;
  readonly #reader: PayloadTimeReader;
  readonly #watermark: Watermark;
  /** True until the open batch has a record. */
  #isEmpty = true;

  constructor(options: EventTimeOptions) {
    this.#options = options;
    this.#reader = new PayloadTimeReader(options.time);
    this.#watermark = new Watermark(options.lateness, options.idleTimeout);
  }

  /** As the batches that are over have left it. */
  get watermark(): number | undefined {
    return this.#watermark.value;
  }

  /**
   * Calls `take` for each record that is in time. `goneAt` says at which watermark there is no window for a time any more.
   * The last part of a batch moves the watermark.
   */
  read(envelope: Envelope, now: number, goneAt: (time: number) => number, take: Take): void {
    const { header } = envelope;
    requireBatch(header, 'window');
    refuseWindowed(header);
    if (header.n > 0) this.#take(envelope, now, goneAt, take);
    this.#isEmpty &&= header.n === 0;
    if (!header.last) return;
    this.#watermark.advance(now, this.#isEmpty);
    this.#isEmpty = true;
  }

  #take(envelope: Envelope, now: number, goneAt: (time: number) => number, take: Take): void {
    const { late, maxSkew = Number.POSITIVE_INFINITY } = this.#options;
    const { ends, times, faults } = this.#reader.read(envelope, now);
    const watermark = this.#watermark.value ?? Number.NEGATIVE_INFINITY;
    let start = 0;
    for (let index = 0; index < ends.length; index += 1) {
      const end = ends[index] as number;
      const time = times[index] as number;
      if (time - now <= maxSkew) {
        this.#watermark.see(time);
        if (goneAt(time) > watermark) take(start, end, time);
        else
          late.add(
            'late',
            letter(envelope, index, start, end, () => whyLate(time, watermark)),
          );
      } else {
        const fault = faults.get(index);
        if (fault === undefined)
          late.add(
            'ahead',
            letter(envelope, index, start, end, () => this.#whyAhead(time, now)),
          );
        else this.#reject(letter(envelope, index, start, end, () => fault)());
      }
      start = end + 1;
    }
    this.#watermark.comeAt(now);
    late.flush();
  }

  snapshot(): Json {
    return this.#watermark.snapshot();
  }

  restore(snapshot: Json): void {
    this.#watermark.restore(snapshot);
  }

  counters(): Record<string, number> {
    const rejected = this.#options.rejects.takeCount();
    return { ...this.#options.late.takeCounts(), ...(rejected > 0 && { rejected }) };
  }

  #reject({ record, place, reason }: DeadLetter): void {
    this.#options.rejects.reject(record, place, reason);
  }

  #whyAhead(time: number, now: number): string {
    const skew = formatDuration(this.#options.maxSkew ?? 0);
    return `${formatTime(time)} is more than ${skew} ahead of the clock, ${formatTime(now)}`;
  }
}

/** The last part of a batch says how far event time has come. */
export function withWatermark(header: Header, watermark: number | undefined): Header {
  return header.last && watermark !== undefined ? { ...header, watermark } : header;
}

function whyLate(time: number, watermark: number): string {
  return `${formatTime(time)} is too late for its windows: the watermark is ${formatTime(watermark)}`;
}

/** Told only where someone wants to know: there may be many. */
function letter(
  { header, payload }: Envelope,
  index: number,
  start: number,
  end: number,
  reason: () => string,
): () => DeadLetter {
  return () => ({
    record: parseJson(payload.toString('utf8', start, end)),
    place: placeOf(header, index),
    reason: reason(),
  });
}
