// Batches → panes of so many records. Records are numbered from 0, wherever batches and parts end.
import { noRecords, type Envelope, type Interval } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { recordEnds } from '../envelope/records.ts';
import { requireBatch } from '../envelope/sequence.ts';
import type { Core } from '../stage/core.ts';
import { middlePart } from './middle-part.ts';
import { openField } from './open-windows.ts';
import { paneOf, windowsEnding, type Windowing } from './panes.ts';
import { refuseWindowed } from './refuse-windowed.ts';

export class CountCore implements Core {
  /** In records. */
  readonly #windowing: Windowing;
  /** Records so far, and how many there were when windows closed last. */
  #count = 0;
  #closedAt = 0;
  #part = 0;
  #outside = 0;

  constructor(windowing: Windowing) {
    this.#windowing = windowing;
  }

  *accept({ header, payload }: Envelope): Generator<Envelope> {
    requireBatch(header, 'window');
    refuseWindowed(header);
    if (header.part === 0) this.#part = 0;
    const pieces = [...this.#split(payload, header.n)];
    const closed = header.last ? this.#close(this.#count) : [];
    const open = (): Interval[] => Array.from(this.#ending(this.#count, Number.POSITIVE_INFINITY), inRecords);
    const closing = { ...header, ...(header.last && { closed, ...openField(this.#windowing, open) }) };
    for (const [index, { pane, ...piece }] of pieces.entries()) {
      const own = index === pieces.length - 1 ? closing : middlePart(header);
      const place = { part: this.#part++, n: piece.n, pane: inRecords(pane) };
      yield { header: { ...own, ...place }, payload: piece.payload };
    }
    if (pieces.length > 0 || !header.last) return;
    yield { header: { ...closing, part: this.#part++, n: 0 }, payload: noRecords };
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield {
      header: { ...ending.header, closed: this.#close(Number.POSITIVE_INFINITY) },
      payload: ending.payload,
    };
  }

  snapshot(): Json {
    return { count: this.#count, closedAt: this.#closedAt };
  }

  restore(snapshot: Json): void {
    const { count, closedAt } = snapshot as { count: number; closedAt: number };
    this.#count = count;
    this.#closedAt = closedAt;
  }

  counters(): Record<string, number> {
    const outside = this.#outside;
    this.#outside = 0;
    return outside > 0 ? { outside } : {};
  }

  /** `payload` cut where panes end; records between two windows are left out. */
  *#split(payload: Buffer, n: number): Generator<{ pane: Interval; n: number; payload: Buffer }> {
    const ends = recordEnds(payload);
    for (let start = 0, left = n; left > 0;) {
      const pane = paneOf(this.#windowing, this.#count);
      const room = (pane?.end ?? this.#nextStart()) - this.#count;
      const taken = Math.min(left, room);
      // Where all that is left fits there is no need to look where records end.
      const end = taken === left ? payload.length : nth(ends, taken);
      if (pane) yield { pane, n: taken, payload: payload.subarray(start, end) };
      else this.#outside += taken;
      this.#count += taken;
      left -= taken;
      start = end + 1;
    }
  }

  #nextStart(): number {
    const { slide, offset = 0 } = this.#windowing;
    return (Math.floor((this.#count - offset) / slide) + 1) * slide + offset;
  }

  #ending(after: number, until: number): Iterable<Interval> {
    return windowsEnding(this.#windowing, after, until, this.#count);
  }

  /** The windows that are complete at `until` records; each holds at least one. */
  #close(until: number): Interval[] {
    if (this.#count === 0) return [];
    const ending = this.#ending(this.#closedAt, until);
    this.#closedAt = this.#count;
    return Array.from(ending, inRecords);
  }
}

function inRecords({ start, end }: Interval): Interval {
  return { start, end, unit: 'records' };
}

function nth(ends: Iterator<number>, count: number): number {
  let end = 0;
  for (let taken = 0; taken < count; taken += 1) end = ends.next().value as number;
  return end;
}
