// Records → rows. Without windows a batch is folded into one table and written when it closes. With windows there
// is a table a pane, and a window that closes is its panes put together.
import type { Envelope, Header, Interval, Reduced } from '../envelope/envelope.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { PaneStore } from '../window/pane-store.ts';
import { partsOf, type WindowTable } from './parts.ts';
import { planToMerge, type ReducePlan } from './plan.ts';
import { tableMaker, type RowTable } from './row-table.ts';

export type ReduceOptions = {
  partial: boolean;
  partSize: number;
  rejects: Rejects;
  /** Takes what has to be said about the results when the stream is over. */
  caveats: Set<string>;
};

/** Settled by the plan, or for a bare reduce by the first rows. */
type Making = { readonly reduced: Reduced; readonly newTable: () => RowTable };

export class ReduceCore implements Core {
  readonly #options: ReduceOptions;
  readonly #isBare: boolean;
  #making: Making | undefined;
  /** How the rows of a bare reduce were reduced, as JSON. */
  #upstream: string | undefined;
  /** The open batch, where records belong to no interval. */
  #batch: RowTable | undefined;
  /** A table for each pane, or for each window that rows were reduced by upstream. */
  readonly #panes = new PaneStore<RowTable>();
  #isWindowed = false;
  #lastHeader: Header | undefined;

  /** Without a plan, rows are merged as their headers say. */
  constructor(plan: ReducePlan | undefined, options: ReduceOptions) {
    this.#options = options;
    this.#isBare = plan === undefined;
    if (plan) this.#making = { reduced: plan.reduced, newTable: tableMaker(plan, undefined) };
  }

  *accept(envelope: Envelope): Generator<Envelope> {
    const { header } = envelope;
    requireBatch(header, 'reduce');
    const making = this.#settle(header.reduced);
    this.#lastHeader = header;
    this.#isWindowed ||= header.pane !== undefined || header.closed !== undefined;
    const interval = header.pane ?? header.window;
    if (interval) this.#panes.at(interval, making.newTable).fold(envelope, this.#options.rejects);
    // No rows, as behind a batch that closed no window, must not make a table of their own.
    else if (header.n > 0 || !this.#isBare) {
      (this.#batch ??= making.newTable()).fold(envelope, this.#options.rejects);
    }
    if (header.last) yield* this.#close(making, header);
  }

  *end(ending: Envelope): Generator<Envelope> {
    const { closed = [], ...header } = ending.header;
    const last = this.#lastHeader;
    // A batch that upstream could not finish is shown as far as it came.
    const isUnfinished = last?.last === false;
    if (this.#making && last && (isUnfinished || closed.length > 0)) {
      yield* this.#close(this.#making, { n: 0, batch: (last.batch ?? 0) + (isUnfinished ? 0 : 1), closed });
    }
    yield { header, payload: ending.payload };
  }

  counters(): Record<string, number> {
    const rejected = this.#options.rejects.takeCount();
    return rejected > 0 ? { rejected } : {};
  }

  #close({ reduced, newTable }: Making, { batch, from, to, closed = [] }: Header): Iterable<Envelope> {
    const place = {
      ...(batch !== undefined && { batch }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      // Says of a part without rows that no window has closed, so that nobody takes it for a batch without rows.
      ...(this.#isWindowed && { closed }),
    };
    const tables = this.#isWindowed ? this.#closeWindows(closed, newTable) : this.#closeBatch();
    return partsOf(tables, place, reduced, this.#options);
  }

  *#closeBatch(): Generator<WindowTable> {
    for (const { pane, held } of this.#panes.takeAll()) yield { table: held, window: pane };
    const table = this.#batch;
    this.#batch = undefined;
    if (table) yield { table };
  }

  /** One window at a time: a table that was written is freed before the next one is put together. */
  *#closeWindows(closed: readonly Interval[], newTable: () => RowTable): Generator<WindowTable> {
    for (const window of closed) {
      const table = newTable();
      for (const pane of this.#panes.inside(window)) table.merge(pane);
      for (const pane of this.#panes.release(window)) pane.free();
      yield { table, window };
    }
  }

  /** For a bare reduce the first rows say how they are merged; all others have to be of that kind. */
  #settle(reduced: Reduced | undefined): Making {
    if (!this.#isBare && this.#making) return this.#making;
    if (!reduced) throw nothingToReduce();
    const upstream = JSON.stringify(reduced);
    this.#upstream ??= upstream;
    if (upstream !== this.#upstream) {
      throw new SluiceError(
        'badData',
        'rows of two different reductions cannot be merged',
        `they are ${this.#upstream} and ${upstream}`,
      );
    }
    if (!this.#making) {
      const plan = planToMerge(reduced, this.#options.partial);
      this.#making = { reduced: plan.reduced, newTable: tableMaker(plan, reduced) };
    }
    return this.#making;
  }
}

function nothingToReduce(): SluiceError {
  const hint =
    'say what to compute: sluice reduce --words, or sluice reduce count --by FIELD; a bare `sluice reduce` merges rows that a reduce upstream wrote';
  return new SluiceError('usage', 'these records were not reduced upstream', hint);
}
