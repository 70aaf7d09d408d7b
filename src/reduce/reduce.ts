// Records → rows. Which rows are written when is the business of a keeper, chosen by what the first records are.
import type { Envelope, Header, Reduced } from '../envelope/envelope.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { BatchKeeper } from './batch-keeper.ts';
import type { Keeper } from './keeper.ts';
import { partsOf } from './parts.ts';
import { planToMerge, type ReducePlan } from './plan.ts';
import { tableMaker, type RowTable } from './row-table.ts';
import { WindowKeeper } from './window-keeper.ts';

export type ReduceOptions = { partial: boolean; partSize: number; rejects: Rejects };

/** Settled by the plan, or for a bare reduce by the first rows. */
type Making = { readonly reduced: Reduced; readonly newTable: () => RowTable };

export class ReduceCore implements Core {
  readonly #options: ReduceOptions;
  readonly #isBare: boolean;
  #making: Making | undefined;
  /** How the rows of a bare reduce were reduced, as JSON. */
  #upstream: string | undefined;
  #keeper: Keeper | undefined;
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
    // A part outside of all windows tells nothing: it has no records, and others follow.
    if (header.n === 0 && !header.last && !header.pane) return;
    const keeper = (this.#keeper ??= this.#keeperFor(header, making));
    keeper.fold(envelope);
    if (header.last) yield* this.#close(keeper, making, header);
  }

  *end(ending: Envelope): Generator<Envelope> {
    const { closed = [], ...header } = ending.header;
    const last = this.#lastHeader;
    // A batch that upstream could not finish is shown as far as it came.
    const isUnfinished = last?.last === false;
    if (this.#making && this.#keeper && last && (isUnfinished || this.#keeper.closesAtEnd(ending.header))) {
      const batch = (last.batch ?? 0) + (isUnfinished ? 0 : 1);
      yield* this.#close(this.#keeper, this.#making, { ...header, n: 0, batch, closed });
    }
    yield { header, payload: ending.payload };
  }

  counters(): Record<string, number> {
    const rejected = this.#options.rejects.takeCount();
    return rejected > 0 ? { rejected } : {};
  }

  #close(keeper: Keeper, { reduced }: Making, header: Header): Iterable<Envelope> {
    const { batch, from, to, closed = [] } = header;
    const place = {
      ...(batch !== undefined && { batch }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(keeper.isWindowed && { closed }),
    };
    return partsOf(keeper.close(header), place, reduced, this.#options.partSize);
  }

  #keeperFor({ pane, closed }: Header, { newTable }: Making): Keeper {
    const { rejects } = this.#options;
    if (pane ?? closed) return new WindowKeeper(newTable, rejects);
    return new BatchKeeper(newTable, rejects, this.#isBare);
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
