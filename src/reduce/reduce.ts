// Records → rows. Without windows a batch is folded into one table and written when it closes. With windows there
// is a table a pane, and a window that closes is its panes put together.
import type { Envelope, Header, Interval, Reduced } from '../envelope/envelope.ts';
import { decodeRecords } from '../envelope/records.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { PaneStore } from '../window/pane-store.ts';
import { foldFor, foldRecords } from './fold.ts';
import { Groups } from './groups.ts';
import { planToMerge, type ReducePlan } from './plan.ts';
import { partsOf, type Table } from './rows.ts';

export type ReduceOptions = { partial: boolean; partSize: number; rejects: Rejects };

export class ReduceCore implements Core {
  readonly #options: ReduceOptions;
  #plan: ReducePlan | undefined;
  #fold: ReturnType<typeof foldFor> | undefined;
  #upstream: string | undefined;
  /** The open batch, where records belong to no interval. */
  #groups: Groups | undefined;
  /** A table for each pane, or for each window that rows were reduced by upstream. */
  readonly #panes = new PaneStore<Groups>();
  #isWindowed = false;
  #lastHeader: Header | undefined;

  /** Without a plan, rows are merged as their headers say. */
  constructor(plan: ReducePlan | undefined, options: ReduceOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  *accept(envelope: Envelope): Generator<Envelope> {
    const { header } = envelope;
    requireBatch(header, 'reduce');
    this.#settle(header.reduced);
    this.#lastHeader = header;
    this.#isWindowed ||= header.pane !== undefined || header.closed !== undefined;
    // Rows that are none, as behind a batch that closed no window, must not make a table of their own.
    if (this.#fold && (header.n > 0 || this.#plan?.takes !== 'rows')) {
      const groups = this.#groupsOf(header.pane ?? header.window);
      foldRecords(
        decodeRecords(envelope),
        this.#fold,
        groups,
        { batch: header.batch, part: header.part },
        this.#options.rejects,
      );
    }
    if (header.last) yield* this.#close(header);
  }

  *end(ending: Envelope): Generator<Envelope> {
    const { closed, ...header } = ending.header;
    const last = this.#lastHeader;
    // A batch that upstream could not finish is shown as far as it came.
    const isUnfinished = last !== undefined && !last.last;
    if (last && (isUnfinished || (closed && closed.length > 0))) {
      const batch = (last.batch ?? 0) + (isUnfinished ? 0 : 1);
      yield* this.#close({ v: 1, batch, n: 0, ...(closed && { closed }) });
    }
    yield { header, payload: ending.payload };
  }

  counters(): Record<string, number> {
    const rejected = this.#options.rejects.takeCount();
    return rejected > 0 ? { rejected } : {};
  }

  *#close({ batch, from, to, closed }: Header): Generator<Envelope> {
    if (!this.#plan) throw nothingToReduce();
    const header = {
      v: 1,
      batch,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    } as Omit<Header, 'n'>;
    const tables = this.#isWindowed ? this.#closeWindows(closed ?? []) : this.#closeBatch();
    yield* partsOf(tables, this.#plan, header, this.#options.partSize);
  }

  #closeBatch(): Table[] {
    const windows = this.#panes.takeAll().map(({ pane, held }) => ({ groups: held, window: pane }));
    const batch = this.#groups ? [{ groups: this.#groups }] : [];
    this.#groups = undefined;
    return [...windows, ...batch];
  }

  #closeWindows(closed: readonly Interval[]): Table[] {
    return closed.map((window) => {
      const groups = this.#newGroups();
      for (const pane of this.#panes.close(window)) groups.merge(pane);
      return { groups, window };
    });
  }

  #groupsOf(interval: Interval | undefined): Groups {
    if (interval) return this.#panes.at(interval, () => this.#newGroups());
    return (this.#groups ??= this.#newGroups());
  }

  #newGroups(): Groups {
    const groups = new Groups((this.#plan?.columns ?? []).map(({ aggregate }) => aggregate));
    // Without keys there is one row in any case: the count of nothing is 0.
    if (this.#plan?.keys.length === 0) groups.of([]);
    return groups;
  }

  /** For a bare reduce the first rows say how they are merged; all others have to be of that kind. */
  #settle(reduced: Reduced | undefined): void {
    if (this.#plan && this.#plan.takes !== 'rows') {
      this.#fold ??= foldFor(this.#plan, undefined);
      return;
    }
    if (!reduced) throw nothingToReduce();
    const upstream = JSON.stringify(reduced);
    if (this.#upstream !== undefined && upstream !== this.#upstream) {
      throw new SluiceError(
        'badData',
        'rows of two different reductions cannot be merged',
        `they are ${this.#upstream} and ${upstream}`,
      );
    }
    if (this.#upstream === undefined) {
      this.#upstream = upstream;
      this.#plan = planToMerge(reduced, this.#options.partial);
      this.#fold = foldFor(this.#plan, reduced);
    }
  }
}

function nothingToReduce(): SluiceError {
  const hint =
    'say what to compute: sluice reduce --words, or sluice reduce count --by FIELD; a bare `sluice reduce` merges rows that a reduce upstream wrote';
  return new SluiceError('usage', 'these records were not reduced upstream', hint);
}
