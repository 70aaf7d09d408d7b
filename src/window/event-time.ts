// Batches → panes of event time: the records of each part are parted by pane, and keep their order inside it.
import { formatVersion, noRecords, type Envelope, type Header, type Interval } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { Core } from '../stage/core.ts';
import { Arrivals, withWatermark, type EventTimeOptions } from './arrivals.ts';
import { middlePart } from './middle-part.ts';
import { openField, OpenWindows } from './open-windows.ts';
import { newestBegun, paneOf, windowAt, type Windowing } from './panes.ts';
import { Runs } from './runs.ts';

/** Windows that one batch closes: as many as make a header of some megabytes, which is a line to be read as a whole. */
const maxClosing = 100_000;

/** Where a time lies: its pane, and the end of the newest window that holds it. */
type Place = { readonly pane: Interval; readonly newestEnd: number };
type Piece = { readonly pane: Interval; readonly runs: Runs };

export class EventTimeCore implements Core {
  readonly #windowing: Windowing;
  readonly #arrivals: Arrivals;
  readonly #open: OpenWindows;
  /** Where the last record lay; the next one mostly lies there as well. */
  #last: Place | undefined;
  /** What there was too much of for one batch to close. */
  #waiting: Interval[] = [];
  #batch = 0;
  #part = 0;
  #outside = 0;

  constructor(windowing: Windowing, options: EventTimeOptions) {
    this.#windowing = windowing;
    this.#arrivals = new Arrivals(options);
    this.#open = new OpenWindows(windowing);
  }

  *accept(envelope: Envelope, now: number): Generator<Envelope> {
    const { header } = envelope;
    this.#batch = header.batch ?? 0;
    const pieces = this.#split(envelope, now);
    const closing = {
      ...withWatermark(header, this.#arrivals.watermark),
      ...(header.last && this.#windows()),
    };
    for (const [index, { pane, runs }] of pieces.entries()) {
      const own = index === pieces.length - 1 ? closing : middlePart(header);
      yield { header: { ...own, part: this.#part++, n: runs.count, pane }, payload: runs.join() };
    }
    // Parts that are all late just go; a batch has its last part in any case.
    if (pieces.length === 0 && header.last)
      yield { header: { ...closing, part: this.#part, n: 0 }, payload: noRecords };
    if (header.last) this.#part = 0;
  }

  *end(ending: Envelope): Generator<Envelope> {
    for (;;) {
      const closed = this.#close(Number.POSITIVE_INFINITY);
      if (this.#waiting.length === 0) return yield { ...ending, header: { ...ending.header, closed } };
      const batch = ++this.#batch;
      yield { header: { v: formatVersion, batch, part: 0, last: true, n: 0, closed }, payload: noRecords };
    }
  }

  snapshot(): Json {
    const waiting = this.#waiting.map((window) => ({ ...window }));
    const batch = this.#batch;
    return { arrivals: this.#arrivals.snapshot(), open: this.#open.snapshot(), waiting, batch };
  }

  restore(snapshot: Json): void {
    const { arrivals, open, waiting, batch } = snapshot as unknown as {
      arrivals: Json;
      open: Json;
      waiting: Interval[];
      batch: number;
    };
    this.#arrivals.restore(arrivals);
    this.#open.restore(open);
    this.#waiting = waiting;
    this.#batch = batch;
  }

  counters(): Record<string, number> {
    const outside = this.#outside;
    this.#outside = 0;
    return { ...this.#arrivals.counters(), ...(outside > 0 && { outside }) };
  }

  /** A batch is over: what its own records say of the time counts from now on. */
  #windows(): Pick<Header, 'closed' | 'open'> {
    const { watermark } = this.#arrivals;
    return {
      closed: watermark === undefined ? [] : this.#close(watermark),
      ...openField(this.#windowing, () => [...this.#waiting, ...this.#open.open()]),
    };
  }

  /** The windows that end at `until` or before, or the first of them: the rest is for the next call. */
  #close(until: number): Interval[] {
    const closed = [...this.#waiting, ...this.#open.close(until)];
    this.#waiting = closed.splice(maxClosing);
    return closed;
  }

  /** The records that are in time, by pane, oldest first. */
  #split(envelope: Envelope, now: number): Piece[] {
    const pieces = new Map<number, Piece>();
    const goneAt = (time: number): number => this.#placeOf(time)?.newestEnd ?? Number.POSITIVE_INFINITY;
    this.#arrivals.read(envelope, now, goneAt, (start, end, time) => {
      const place = this.#placeOf(time);
      if (!place) {
        this.#outside += 1;
        return;
      }
      let piece = pieces.get(place.pane.start);
      if (!piece) {
        piece = { pane: place.pane, runs: new Runs(envelope.payload) };
        pieces.set(place.pane.start, piece);
        this.#open.add(place.pane);
      }
      piece.runs.add(start, end);
    });
    return [...pieces.values()].sort((one, other) => one.pane.start - other.pane.start);
  }

  /** Undefined between two windows. */
  #placeOf(time: number): Place | undefined {
    if (this.#last && time >= this.#last.pane.start && time < this.#last.pane.end) return this.#last;
    const pane = paneOf(this.#windowing, time);
    if (!pane) return undefined;
    const newestEnd = windowAt(this.#windowing, newestBegun(this.#windowing, time)).end;
    this.#last = { pane, newestEnd };
    return this.#last;
  }
}
