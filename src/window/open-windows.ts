// Which windows hold a record and have not closed. Windows are not counted one by one, since a record may lie in
// hundreds, and between two records there may be millions without any: what is kept is the panes that hold something.
import type { Json } from '../envelope/json.ts';
import type { Interval } from '../envelope/envelope.ts';
import { oldestOpen, windowAt, type Windowing } from './panes.ts';

export class OpenWindows {
  readonly #windowing: Windowing;
  /** Where panes that hold a record begin. */
  readonly #panes = new Set<number>();
  /** No window before this one closes any more. */
  #next = Number.NEGATIVE_INFINITY;

  constructor(windowing: Windowing) {
    this.#windowing = windowing;
  }

  /** `pane` holds a record. */
  add({ start }: Interval): void {
    this.#panes.add(start);
  }

  /** The windows with records that end at `until` or before, oldest first; each is told once, and none before it later. */
  close(until: number): Interval[] {
    const closed: Interval[] = [];
    const panes = [...this.#panes].sort((one, other) => one - other);
    for (const pane of panes) {
      for (;;) {
        const index = Math.max(oldestOpen(this.#windowing, pane), this.#next);
        const window = windowAt(this.#windowing, index);
        if (window.end > until) return this.#passTo(until, closed);
        if (window.start > pane) break;
        this.#next = index + 1;
        closed.push(window);
      }
      this.#panes.delete(pane);
    }
    return this.#passTo(until, closed);
  }

  snapshot(): Json {
    return { panes: [...this.#panes], next: Number.isFinite(this.#next) ? this.#next : null };
  }

  restore(snapshot: Json): void {
    const { panes, next } = snapshot as { panes: number[]; next: number | null };
    for (const start of panes) this.#panes.add(start);
    this.#next = next ?? Number.NEGATIVE_INFINITY;
  }

  /** The windows with records that have not closed, oldest first. */
  open(): Interval[] {
    const open: Interval[] = [];
    let next = this.#next;
    for (const pane of [...this.#panes].sort((one, other) => one - other)) {
      next = Math.max(oldestOpen(this.#windowing, pane), next);
      for (let window = windowAt(this.#windowing, next); window.start <= pane;) {
        open.push(window);
        next += 1;
        window = windowAt(this.#windowing, next);
      }
    }
    return open;
  }

  /** Windows up to `until` that had no record stay without one: what comes for them now is late. */
  #passTo(until: number, closed: Interval[]): Interval[] {
    if (Number.isFinite(until)) this.#next = Math.max(this.#next, oldestOpen(this.#windowing, until));
    return closed;
  }
}

/** Beyond so many a header would be longer than what is read fast; they are too many to be shown as they fill. */
const mostOpen = 1000;

/** The field `open` of the last part, where windows overlap; elsewhere a pane is a window. */
export function openField(
  { size, slide }: Windowing,
  windows: () => Iterable<Interval>,
): { open?: readonly Interval[] } {
  return slide < size && size / slide <= mostOpen ? { open: [...windows()] } : {};
}
