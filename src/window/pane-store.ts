// What a stage behind `window` holds for each pane until the windows that need it have closed.
import type { Interval } from '../envelope/envelope.ts';

export class PaneStore<Held> {
  readonly #panes = new Map<string, { readonly pane: Interval; readonly held: Held }>();

  /** What is held for `pane`, made by `create` where there is nothing yet. */
  at(pane: Interval, create: () => Held): Held {
    const name = nameOf(pane);
    const known = this.#panes.get(name);
    if (known) return known.held;
    const held = create();
    this.#panes.set(name, { pane, held });
    return held;
  }

  /** What is held for just this interval; it is not held any more. */
  take(interval: Interval): Held | undefined {
    const name = nameOf(interval);
    const known = this.#panes.get(name);
    this.#panes.delete(name);
    return known?.held;
  }

  /** What the panes of `window` hold, oldest first. */
  inside(window: Interval): Held[] {
    const inside = [...this.#panes.values()].filter(
      ({ pane }) => pane.start >= window.start && pane.end <= window.end,
    );
    return inside.sort((one, other) => one.pane.start - other.pane.start).map(({ held }) => held);
  }

  /** Lets go of the panes that no window behind `closed` needs, and returns what they held. */
  release(closed: Interval): Held[] {
    const released: Held[] = [];
    for (const [name, { pane, held }] of this.#panes) {
      // Windows close in order and no edge cuts a pane: none that is still open begins this early.
      if (pane.start > closed.start) continue;
      this.#panes.delete(name);
      released.push(held);
    }
    return released;
  }

  /** Everything, with its interval; nothing is held any more. */
  takeAll(): { readonly pane: Interval; readonly held: Held }[] {
    const all = [...this.#panes.values()];
    this.#panes.clear();
    return all;
  }
}

export function nameOf({ start, end }: Interval): string {
  return `${start}/${end}`;
}
