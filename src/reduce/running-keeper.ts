// Running totals (Spark's updateStateByKey and mapWithState): what came since the start, written after each batch.
import type { Envelope, Header, Interval } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import type { Rejects } from '../stage/rejects.ts';
import type { Group } from './groups.ts';
import type { Keeper } from './keeper.ts';
import type { WindowRows } from './parts.ts';
import type { ReducePlan } from './plan.ts';
import type { RowTable } from './row-table.ts';
import { Totals } from './totals.ts';

export type Running = {
  /** Milliseconds of batch time after which a key without records is forgotten. */
  readonly ttl?: number | undefined;
  readonly initial: readonly Group[];
};

/** All rows after each batch: one table that is never emptied. */
export class AllKeeper implements Keeper {
  readonly isWindowed = false;
  readonly #newTable: () => RowTable;
  #table: RowTable;
  readonly #rejects: Rejects;
  readonly #since = new Since();

  constructor(newTable: () => RowTable, rejects: Rejects, initial: readonly Group[]) {
    this.#newTable = newTable;
    this.#table = newTable();
    this.#rejects = rejects;
    for (const group of initial) this.#table.add(group);
  }

  fold(envelope: Envelope): void {
    refuseWindows(envelope.header);
    this.#table.fold(envelope, this.#rejects);
  }

  *close(header: Header): Generator<WindowRows> {
    const interval = this.#since.until(header);
    yield { interval, rows: { rows: (settings) => this.#table.rows(settings), free: () => undefined } };
  }

  closesAtEnd(): boolean {
    return false;
  }

  snapshot(): Json {
    return { since: this.#since.start ?? null, rows: this.#table.snapshot() };
  }

  /** What it began with is in there as well. */
  restore(snapshot: Json): void {
    const { since, rows } = snapshot as { since: number | null; rows: Json };
    this.#since.start = since ?? undefined;
    this.#table = this.#newTable();
    this.#table.restore(rows);
  }
}

/** Where it matters which keys had records in a batch: for rows that changed, and for keys that expire. */
export class ChangesKeeper implements Keeper {
  readonly isWindowed = false;
  readonly #newTable: () => RowTable;
  readonly #isBounded: boolean;
  readonly #rejects: Rejects;
  readonly #totals: Totals;
  readonly #running: Running;
  readonly #changedOnly: boolean;
  readonly #since = new Since();
  #batch: RowTable | undefined;
  #isFirst = true;
  /** Keys forgotten and not yet reported. */
  #expired = 0;

  /** `newTable` makes tables without a bound; the totals keep that of the plan. */
  constructor(
    plan: ReducePlan,
    newTable: () => RowTable,
    rejects: Rejects,
    running: Running,
    changedOnly: boolean,
  ) {
    this.#newTable = newTable;
    this.#isBounded = plan.maxKeys !== undefined;
    this.#rejects = rejects;
    this.#running = running;
    this.#changedOnly = changedOnly;
    this.#totals = new Totals(plan);
    this.#totals.add(running.initial);
  }

  fold(envelope: Envelope): void {
    refuseWindows(envelope.header);
    this.#begin(envelope.header);
    // An empty batch changes nothing, also where there are no keys and so a row for nothing.
    if (envelope.header.n > 0) (this.#batch ??= this.#newTable()).fold(envelope, this.#rejects);
    // A bound holds within a batch as well.
    if (this.#isBounded) this.#takeBatch();
  }

  *close(header: Header): Generator<WindowRows> {
    const { ttl } = this.#running;
    const now = ttl === undefined ? undefined : endOf(header);
    this.#takeBatch();
    const changed = this.#totals.takeChanged(now);
    if (now !== undefined && ttl !== undefined) this.#expired += this.#totals.expire(now - ttl);
    yield { interval: this.#since.until(header), rows: this.#changedOnly ? changed : this.#totals.all() };
  }

  /** What was there from the start counts as changed when the first batch began. */
  #begin(header: Header): void {
    if (!this.#isFirst) return;
    this.#isFirst = false;
    this.#totals.takeChanged(this.#running.ttl === undefined ? undefined : (header.from ?? endOf(header)));
  }

  #takeBatch(): void {
    if (this.#batch) this.#totals.add(this.#batch.groups());
    this.#batch?.free();
    this.#batch = undefined;
  }

  closesAtEnd(): boolean {
    return false;
  }

  snapshot(): Json {
    const since = this.#since.start ?? null;
    return { isFirst: this.#isFirst, since, totals: this.#totals.snapshot() };
  }

  restore(snapshot: Json): void {
    const { isFirst, since, totals } = snapshot as { isFirst: boolean; since: number | null; totals: Json };
    this.#isFirst = isFirst;
    this.#since.start = since ?? undefined;
    this.#totals.restore(totals);
  }

  counters(): Record<string, number> {
    const expired = this.#expired;
    this.#expired = 0;
    return expired > 0 ? { expired } : {};
  }
}

/** From the beginning of the first batch on: what a rate of running totals is over. */
class Since {
  start: number | undefined;

  until({ from, to }: Header): Interval | undefined {
    this.start ??= from;
    return this.start === undefined || to === undefined ? undefined : { start: this.start, end: to };
  }
}

function endOf({ to }: Header): number {
  if (to !== undefined) return to;
  throw new SluiceError(
    'usage',
    '--ttl counts batch time, and these batches have no interval',
    'cut the batches by time: sluice batch 10s | sluice reduce --running --ttl 1h',
  );
}

function refuseWindows({ pane, window, closed }: Header): void {
  if (!(pane ?? window ?? closed)) return;
  throw new SluiceError(
    'usage',
    '--running adds up batches, and these records are in windows',
    'a record may lie in several windows: leave `sluice window` out, or --running; `--mode update` shows windows as they fill',
  );
}
