// Batches → panes. Payloads pass through as bytes: a batch lies in one pane, since size and slide are multiples
// of its interval, so a header is all there is to look at.
import { formatDuration } from '../command/values.ts';
import { noRecords, type Envelope, type Header, type Interval } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import { openField } from './open-windows.ts';
import { paneOf, windowsEnding, type Windowing } from './panes.ts';
import { refuseWindowed } from './refuse-windowed.ts';

/** Which length of a window is not made of whole batches of this interval, or undefined where all are. */
export function misfit(
  { size, slide, offset = 0 }: Windowing,
  interval: number,
): { readonly name: string; readonly problem: string } | undefined {
  const wrong = Object.entries({ size, slide, offset }).find(([, length]) => length % interval !== 0);
  if (!wrong) return undefined;
  const [name, length] = wrong;
  const problem = `the window’s ${name} (${formatDuration(length)}) is no multiple of the batch interval (${formatDuration(interval)})`;
  return { name, problem };
}

export class WindowCore implements Core {
  readonly #windowing: Windowing;
  /** End of the newest batch, undefined before the first. */
  #now: number | undefined;
  #outside = 0;

  constructor(windowing: Windowing) {
    this.#windowing = windowing;
  }

  *accept({ header, payload }: Envelope): Generator<Envelope> {
    const { from, to } = this.#intervalOf(header);
    const pane = paneOf(this.#windowing, from);
    if (!pane) this.#outside += header.n;
    const marked: Header = { ...header, ...(pane ? { pane } : { n: 0 }) };
    if (header.last) {
      marked.closed = [...this.#close(from, to)];
      Object.assign(
        marked,
        openField(this.#windowing, () => this.#open(to)),
      );
    }
    yield { header: marked, payload: pane ? payload : noRecords };
  }

  *end(ending: Envelope): Generator<Envelope> {
    const now = this.#now;
    if (now === undefined) return yield ending;
    const closed = [...this.#open(now)];
    yield { header: { ...ending.header, closed }, payload: ending.payload };
  }

  snapshot(): Json {
    return { now: this.#now ?? null };
  }

  restore(snapshot: Json): void {
    this.#now = (snapshot as { now: number | null }).now ?? undefined;
  }

  counters(): Record<string, number> {
    const outside = this.#outside;
    this.#outside = 0;
    return outside > 0 ? { outside } : {};
  }

  /** The windows that have begun before `now` and end behind it. */
  #open(now: number): Iterable<Interval> {
    return windowsEnding(this.#windowing, now, Number.POSITIVE_INFINITY, now);
  }

  /** The windows that this batch completes. After a gap in time, those wholly inside it are passed over: they are empty. */
  *#close(from: number, to: number): Generator<Interval> {
    const before = this.#now ?? from;
    this.#now = to;
    yield* windowsEnding(this.#windowing, before, Math.min(from, to), before);
    yield* windowsEnding(this.#windowing, Math.max(before, from), to, to);
  }

  #intervalOf(header: Header): { from: number; to: number } {
    requireBatch(header, 'window');
    refuseWindowed(header);
    const { from, to } = header;
    if (from === undefined || to === undefined) {
      throw new SluiceError(
        'usage',
        'these batches have no interval, and windows are made of batch intervals',
        'cut the batches by time: sluice batch 10s | sluice window 30s',
      );
    }
    const interval = to - from;
    if (interval <= 0) {
      throw new SluiceError(
        'badData',
        `batch ${header.batch} has an interval without time: from ${from} to ${to}`,
      );
    }
    const fault = misfit(this.#windowing, interval);
    if (fault)
      throw new SluiceError(
        'usage',
        fault.problem,
        'choose one that is, or change the interval of `sluice batch`',
      );
    if (this.#now !== undefined && from < this.#now) {
      throw new SluiceError(
        'badData',
        `batch ${header.batch} begins at ${from}, before the one ahead of it ended (${this.#now})`,
      );
    }
    return { from, to };
  }
}
