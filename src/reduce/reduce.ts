// Records → rows. Which rows are written when is the business of a keeper, chosen by what the first records are.
import type { Envelope, Header, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { compileTime } from '../time/time-of.ts';
import { BatchKeeper } from './batch-keeper.ts';
import { WindowChangesKeeper } from './change-keeper.ts';
import { isFoldExpression, type AggregateColumn } from './expression.ts';
import type { Keeper } from './keeper.ts';
import type { OutputMode } from './output-mode.ts';
import { partsOf } from './parts.ts';
import { planToMerge, type ReducePlan } from './plan.ts';
import { AllKeeper, ChangesKeeper, type Running } from './running-keeper.ts';
import { changedSince, nothingGoesOn, nothingToReduce, refuseForSessions, replacing } from './refusals.ts';
import { SessionKeeper } from './session-keeper.ts';
import { tableMaker, type Part, type RowTable } from './row-table.ts';
import { WindowKeeper } from './window-keeper.ts';

export type ReduceOptions = {
  partial: boolean;
  partSize: number;
  rejects: Rejects;
  maxKeys?: number | undefined;
  /** Takes what has to be said about the results when the stream is over. */
  caveats: Set<string>;
  /** Default: append, or complete for running totals. */
  mode?: OutputMode;
  /** Set where totals go on from batch to batch. */
  running?: Running | undefined;
  /** A --fold, with which rows that one upstream wrote with --partial can be merged. */
  fold?: AggregateColumn | undefined;
};

/** Settled by the plan, or for a bare reduce by the first rows. */
type Making = {
  readonly plan: ReducePlan;
  readonly reduced: Reduced;
  /** How the rows that are merged were reduced. */
  readonly upstream: Reduced | undefined;
  readonly newTable: () => RowTable;
};

/** What a snapshot says: of which kind the records are, and what is held of them. */
type Held = {
  readonly upstream?: string;
  readonly kind?: Pick<Header, 'pane' | 'closed' | 'session'>;
  readonly keeper?: Json;
  readonly batch?: number;
};

export class ReduceCore implements Core {
  readonly #options: ReduceOptions;
  readonly #mode: OutputMode;
  /** Merges rows as their headers say. */
  #isBare: boolean;
  #making: Making | undefined;
  /** How the rows of a bare reduce were reduced, as JSON. */
  #upstream: string | undefined;
  #keeper: Keeper | undefined;
  #lastHeader: Header | undefined;
  /** Since the last report. */
  #overflow = 0;
  /** How many records stand under `_other` in all rows written. */
  overflowed = 0;

  /** Without a plan, rows are merged as their headers say. */
  constructor(plan: ReducePlan | undefined, options: ReduceOptions) {
    this.#options = options;
    this.#mode = options.mode ?? (options.running ? 'complete' : 'append');
    this.#isBare = plan === undefined;
    if (plan) this.#making = this.#makingFor(plan, undefined);
  }

  *accept(part: Part, now: number): Generator<Envelope> {
    const { header } = part;
    requireBatch(header, 'reduce');
    // A fold alone is for records, or for the rows that the same fold wrote upstream.
    if (!this.#lastHeader && this.#mergesFold(header.reduced)) this.#isBare = true;
    const making = this.#settle(header.reduced);
    this.#lastHeader = header;
    // A part outside of all windows tells nothing: it has no records, and others follow.
    if (header.n === 0 && !header.last && !header.pane) return;
    const keeper = (this.#keeper ??= this.#keeperFor(header, making));
    keeper.fold(part, now);
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

  snapshot(): Json {
    const { batch, pane, closed, session } = this.#lastHeader ?? {};
    const kind = { ...(pane && { pane }), ...(closed && { closed: [] }), ...(session && { session }) };
    return {
      ...(this.#upstream !== undefined && { upstream: this.#upstream }),
      ...(this.#keeper && { kind: kind as unknown as Json, keeper: this.#keeper.snapshot?.() ?? null }),
      ...(batch !== undefined && { batch }),
    };
  }

  restore(snapshot: Json): void {
    const { upstream, kind, keeper, batch } = snapshot as Held;
    if (upstream !== undefined) {
      this.#isBare = true;
      this.#settle(JSON.parse(upstream) as Reduced);
    }
    if (batch !== undefined) this.#lastHeader = { ...kind, batch, last: true, n: 0 };
    if (!kind || !this.#making) return;
    this.#keeper = this.#keeperFor({ ...kind, n: 0 }, this.#making);
    if (keeper !== null && keeper !== undefined) this.#keeper.restore?.(keeper);
  }

  counters(): Record<string, number> {
    const rejected = this.#options.rejects.takeCount();
    const overflow = this.#overflow;
    this.#overflow = 0;
    return {
      ...(rejected > 0 && { rejected }),
      ...(overflow > 0 && { overflow }),
      ...this.#keeper?.counters?.(),
    };
  }

  *#close(keeper: Keeper, { reduced }: Making, header: Header): Generator<Envelope> {
    const { batch, from, to, closed = [] } = header;
    const place = {
      ...(batch !== undefined && { batch }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(keeper.isWindowed && { closed }),
    };
    let overflow = 0;
    for (const part of partsOf(keeper.close(header), place, keeper.reduced ?? reduced, this.#options)) {
      overflow += part.header.overflow ?? 0;
      yield part;
    }
    this.#overflow += overflow;
    // Rows that replace those of earlier batches stand for the same records again.
    this.overflowed =
      this.#mode === 'append' ? this.overflowed + overflow : Math.max(this.overflowed, overflow);
  }

  #keeperFor({ pane, closed, session }: Header, { plan, upstream, newTable }: Making): Keeper {
    const { rejects, running } = this.#options;
    const mode = this.#mode;
    const changedOnly = mode === 'update';
    if (session) {
      refuseForSessions(plan, mode, running);
      return new SessionKeeper(plan, upstream, session.gap, compileTime(session.time), rejects);
    }
    // Totals keep the bound: what comes into them may not be folded together before they know which keys they keep.
    const { maxKeys, ...unbounded } = plan;
    const newPart = maxKeys === undefined ? newTable : tableMaker(unbounded, upstream);
    if (running && !changedOnly && running.ttl === undefined)
      return new AllKeeper(newTable, rejects, running.initial);
    if (running) return new ChangesKeeper(plan, newPart, rejects, running, changedOnly);
    const isWindowed = (pane ?? closed) !== undefined;
    if (mode === 'append') {
      return isWindowed
        ? new WindowKeeper(plan, newTable, rejects)
        : new BatchKeeper(newTable, rejects, this.#isBare);
    }
    if (!isWindowed) throw nothingGoesOn(mode);
    return new WindowChangesKeeper(plan, newPart, rejects, changedOnly);
  }

  #makingFor(plan: ReducePlan, upstream: Reduced | undefined): Making {
    const reduced = this.#mode === 'append' ? plan.reduced : { ...plan.reduced, mode: this.#mode };
    return { plan, reduced, upstream, newTable: tableMaker(plan, upstream) };
  }

  #mergesFold(upstream: Reduced | undefined): boolean {
    const own = this.#making?.plan;
    if (!upstream || !this.#options.fold || own?.columns.length !== 1 || own.keys.length > 0) return false;
    return Object.values(upstream.aggregates).some(isFoldExpression);
  }

  /** For a bare reduce the first rows say how they are merged; all others have to be of that kind. */
  #settle(reduced: Reduced | undefined): Making {
    if (!this.#isBare && this.#making) return this.#making;
    if (this.#upstream === undefined) this.#making = undefined;
    if (!reduced) throw nothingToReduce();
    if (reduced.keys.length === 0 && Object.keys(reduced.aggregates).length === 0) throw changedSince();
    const upstream = JSON.stringify(reduced);
    this.#upstream ??= upstream;
    if (upstream !== this.#upstream) {
      throw new SluiceError(
        'badData',
        'rows of two different reductions cannot be merged',
        `they are ${this.#upstream} and ${upstream}`,
      );
    }
    if (reduced.mode) throw replacing(reduced.mode);
    return (this.#making ??= this.#makingFor(
      planToMerge(reduced, this.#options.partial, this.#options),
      reduced,
    ));
  }
}
