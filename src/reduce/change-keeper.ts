// --mode update and complete: windows as they fill. Each window has totals of its own, since a record changes the rows
// of all windows that it lies in, and each of those rows is written.
import type { Envelope, Header, Interval } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import type { Rejects } from '../stage/rejects.ts';
import { nameOf, PaneStore } from '../window/pane-store.ts';
import type { Keeper } from './keeper.ts';
import type { WindowRows } from './parts.ts';
import type { ReducePlan } from './plan.ts';
import type { RowTable } from './row-table.ts';
import { Totals } from './totals.ts';

export class WindowChangesKeeper implements Keeper {
  readonly isWindowed = true;
  readonly #plan: ReducePlan;
  readonly #newTable: () => RowTable;
  readonly #rejects: Rejects;
  readonly #changedOnly: boolean;
  /** What this batch brought, for each pane. */
  readonly #panes = new PaneStore<RowTable>();
  readonly #windows = new Map<string, { readonly window: Interval; readonly totals: Totals }>();

  /** `newTable` makes tables without a bound; the totals of each window keep that of the plan. */
  constructor(plan: ReducePlan, newTable: () => RowTable, rejects: Rejects, changedOnly: boolean) {
    this.#plan = plan;
    this.#newTable = newTable;
    this.#rejects = rejects;
    this.#changedOnly = changedOnly;
  }

  fold(envelope: Envelope): void {
    const { pane, window, n } = envelope.header;
    const interval = pane ?? window;
    if (interval && n > 0) this.#panes.at(interval, this.#newTable).fold(envelope, this.#rejects);
  }

  *close({ closed = [], open }: Header): Generator<WindowRows> {
    const panes = this.#panes.takeAll();
    const begun = open ?? panes.map(({ pane }) => pane);
    if (!open) refuseOverlap(closed, begun);
    const known = new Map([...closed, ...begun].map((interval) => [nameOf(interval), interval]));
    for (const { pane, held } of panes) {
      // Listed once for all windows that the pane lies in.
      const groups = [...held.groups()];
      for (const window of known.values())
        if (pane.start >= window.start && pane.end <= window.end) this.#at(window).add(groups);
      held.free();
    }
    for (const { window, totals } of this.#inOrder()) {
      const changed = totals.takeChanged();
      if (!this.#changedOnly) yield { rows: totals.all(), window };
      else if (changed.count > 0) yield { rows: changed, window };
    }
    for (const window of closed) this.#windows.delete(nameOf(window));
  }

  /** What is open then has been written as it is. */
  closesAtEnd(): boolean {
    return false;
  }

  snapshot(): Json {
    return Array.from(this.#windows.values(), ({ window, totals }) => ({
      window: { ...window },
      totals: totals.snapshot(),
    }));
  }

  restore(snapshot: Json): void {
    for (const { window, totals } of snapshot as unknown as { window: Interval; totals: Json }[])
      this.#at(window).restore(totals);
  }

  #at(window: Interval): Totals {
    const name = nameOf(window);
    const known = this.#windows.get(name);
    if (known) return known.totals;
    const totals = new Totals(this.#plan);
    this.#windows.set(name, { window, totals });
    return totals;
  }

  #inOrder(): { readonly window: Interval; readonly totals: Totals }[] {
    return [...this.#windows.values()].sort(
      ({ window: one }, { window: other }) => one.end - other.end || one.start - other.start,
    );
  }
}

/** A window that closes now and is more than one pane should have been open before. */
function refuseOverlap(closed: readonly Interval[], panes: readonly Interval[]): void {
  const isCut = closed.some((window) =>
    panes.some(
      (pane) => pane.start >= window.start && pane.end <= window.end && nameOf(pane) !== nameOf(window),
    ),
  );
  if (!isCut) return;
  throw new SluiceError(
    'usage',
    "field 'open' is missing: these windows overlap, and which of them have begun is not said",
    'a window may slide a thousand times at the most to be shown as it fills; --mode append has no such limit',
  );
}
