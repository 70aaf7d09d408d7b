// What a stage behind `window` holds for each pane until the windows that need it have closed.
import type { Interval } from '../envelope/envelope.ts';

type Entry<Held> = { readonly pane: Interval; readonly held: Held };

export class PaneStore<Held> {
  readonly #panes = new Map<string, Entry<Held>>();
  /** The same, newest first, made when a window closes: thousands may close at once, each with a few of many panes. */
  #newestFirst: Entry<Held>[] | undefined;

  /** What is held for `pane`, made by `create` where there is nothing yet. */
  at(pane: Interval, create: () => Held): Held {
    const name = nameOf(pane);
    const known = this.#panes.get(name);
    if (known) return known.held;
    const held = create();
    this.#panes.set(name, { pane, held });
    this.#newestFirst = undefined;
    return held;
  }

  /** What is held for just this interval; it is not held any more. */
  take(interval: Interval): Held | undefined {
    const name = nameOf(interval);
    const known = this.#panes.get(name);
    if (this.#panes.delete(name)) this.#newestFirst = undefined;
    return known?.held;
  }

  /** What the panes of `window` hold, oldest first. */
  inside(window: Interval): Held[] {
    const inside: Held[] = [];
    const panes = this.#sorted();
    for (let at = panes.length - 1; at >= 0; at -= 1) {
      const { pane, held } = panes[at] as Entry<Held>;
      if (pane.start >= window.end) break;
      if (pane.start >= window.start && pane.end <= window.end) inside.push(held);
    }
    return inside;
  }

  /** Lets go of the panes that no window behind `closed` needs, and returns what they held. */
  release(closed: Interval): Held[] {
    const released: Held[] = [];
    const panes = this.#sorted();
    // Windows close in order and no edge cuts a pane: none that is still open begins this early.
    for (let last = panes.at(-1); last && last.pane.start <= closed.start; last = panes.at(-1)) {
      panes.pop();
      this.#panes.delete(nameOf(last.pane));
      released.push(last.held);
    }
    return released;
  }

  /** Everything, with its interval. */
  entries(): Entry<Held>[] {
    return [...this.#panes.values()];
  }

  /** Everything, with its interval; nothing is held any more. */
  takeAll(): { readonly pane: Interval; readonly held: Held }[] {
    const all = [...this.#panes.values()];
    this.#panes.clear();
    this.#newestFirst = undefined;
    return all;
  }

  #sorted(): Entry<Held>[] {
    this.#newestFirst ??= [...this.#panes.values()].sort((one, other) => other.pane.start - one.pane.start);
    return this.#newestFirst;
  }
}

export function nameOf({ start, end }: Interval): string {
  return `${start}/${end}`;
}
