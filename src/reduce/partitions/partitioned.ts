// A reduction whose records are divided by key among partitions, each folded by one worker: for what cannot be put together from
// parts of the stream, such as a fold of a user without a merge. A key that has more than its share is split, and what its
// shares gave is put together in a second step.
import { noRecords, type Envelope, type Header } from '../../envelope/envelope.ts';
import { stringifyJson, type Json } from '../../envelope/json.ts';
import { messageOf, SluiceError } from '../../errors.ts';
import type { Executor } from '../../executor/executor.ts';
import { PartRecords } from '../../map/part-records.ts';
import { placeOf } from '../../record/messages.ts';
import type { Core, Step } from '../../stage/core.ts';
import type { Rejects } from '../../stage/rejects.ts';
import { Runs } from '../../window/runs.ts';
import { foldGroups, groupsFrom, type FoldedGroups, type PlanSource } from '../fold-groups.ts';
import { CutPart, packCuts, takeBack } from '../fold-parts.ts';
import { isSamePlace } from '../parallel.ts';
import type { ReducePlan } from '../plan.ts';
import type { ReduceCore } from '../reduce.ts';
import { keyReaderFor, type KeyReader } from './key-reader.ts';
import { Shares } from './shares.ts';
import { Router, type Balance, type Salt } from './router.ts';

export type PartitionOptions = {
  readonly executor: Executor;
  readonly rejects: Rejects;
  readonly plan: ReducePlan;
  readonly source: PlanSource;
  readonly partitions: number;
  readonly salt: Salt;
  /** Fewer bytes than this are folded in this thread, as one partition. */
  readonly worthTasks?: number;
};

/** Records of one part, in one partition, and which ones of it they are; all where it is not said. */
type Piece = { readonly part: Envelope; readonly records: CutPart; readonly indexes?: readonly number[] };

type Outcome = FoldedGroups | { readonly error: unknown };

/** A partition, or a share of a hot key, which is folded as soon as it is full. */
type Work = { readonly pieces: Piece[]; count: number; outcome?: Promise<Outcome> };

type Rejected = { readonly piece: Piece; readonly index: number; readonly reason: string };

export class PartitionedReduce implements Core {
  readonly #core: ReduceCore;
  readonly #options: Required<PartitionOptions>;
  readonly #keysOf: KeyReader;
  readonly #router: Router;
  /** The newest header of what is held, all of one batch or pane. */
  #held: Header | undefined;
  /** While that is small. */
  #whole: Envelope[] = [];
  #bytes = 0;
  /** And once it is not: the partitions, and behind them shares. */
  #works: Work[] | undefined;
  #shares: Shares;
  #balance: Balance | undefined;

  constructor(core: ReduceCore, { worthTasks = 256 * 1024, ...options }: PartitionOptions) {
    this.#core = core;
    this.#options = { ...options, worthTasks };
    this.#keysOf = keyReaderFor(options.plan.keys);
    this.#router = new Router(options.partitions, options.salt);
    this.#shares = new Shares(options.plan);
  }

  *accept(envelope: Envelope, now: number): Generator<Step> {
    const { header, payload } = envelope;
    // Sessions are made of records, one by one.
    if (header.session) return yield* this.#core.accept(envelope, now);
    if (this.#held && !isSamePlace(this.#held, header)) yield* this.#fold(this.#held, false, now);
    this.#held = header;
    this.#bytes += payload.length;
    if (this.#works) this.#divide(envelope, this.#works);
    else {
      this.#whole.push(envelope);
      if (this.#bytes >= this.#options.worthTasks) {
        this.#works = Array.from({ length: this.#options.partitions }, newWork);
        for (const part of this.#whole) this.#divide(part, this.#works);
        this.#whole = [];
      }
    }
    if (header.last) yield* this.#fold(header, true, now);
  }

  *end(ending: Envelope, now: number): Generator<Step> {
    if (this.#held) yield* this.#fold(this.#held, false, now);
    yield* this.#core.end(ending);
  }

  counters(): Record<string, number | string> {
    const balance = this.#balance;
    this.#balance = undefined;
    const rounded = (ratio: number): number => Math.round(ratio * 100) / 100;
    return {
      ...this.#core.counters(),
      ...this.#options.executor.takeTimes(),
      ...(balance && { imbalance: rounded(balance.imbalance), unsalted: rounded(balance.unsalted) }),
      ...(balance && balance.hot.length > 0 && { hot: balance.hot.map(shown).join(', ') }),
    };
  }

  snapshot(): Json {
    return this.#core.snapshot();
  }

  restore(snapshot: Json): void {
    this.#core.restore(snapshot);
  }

  #divide(part: Envelope, works: Work[]): void {
    const records = new PartRecords(part);
    const indexesOf: (number[] | undefined)[] = [];
    for (const [index, key] of this.#keysOf(records).entries())
      (indexesOf[this.#router.placeOf(key)] ??= []).push(index);
    for (const [place, indexes] of indexesOf.entries()) {
      if (!indexes) continue;
      const work = (works[place] ??= newWork());
      work.pieces.push({ part, records: new CutPart(records.runs(indexes), indexes.length), indexes });
      work.count += indexes.length;
      if (this.#router.isFull(place, work.count)) void this.#start(work, place);
    }
  }

  /** A partition that is as full as it gets, or a share. */
  #start(work: Work, place: number): Promise<Outcome> {
    const shares = this.#shares;
    const share = place - this.#options.partitions;
    work.outcome = this.#run(work.pieces, this.#works !== undefined).then((outcome) => {
      if (share >= 0) shares.take(share, 'groups' in outcome ? outcome.groups : '[]');
      return outcome;
    });
    // What goes wrong is told once the batch is there.
    work.outcome.catch(() => undefined);
    return work.outcome;
  }

  /** All that is held, into the core. */
  *#fold(header: Header, isLast: boolean, now: number): Generator<Step> {
    const works = this.#works ?? [wholeWork(this.#whole)];
    if (this.#works) this.#balance = this.#router.takeBalance();
    const started = works.map((work, place) => work.outcome ?? this.#start(work, place));
    const shares = this.#shares;
    this.#held = undefined;
    this.#works = undefined;
    this.#whole = [];
    this.#bytes = 0;
    this.#shares = new Shares(this.#options.plan);
    const outcomes: Outcome[] = [];
    yield Promise.all(started).then((all) => void outcomes.push(...all));
    const groups: Json[] = [];
    const rejected: Rejected[] = [];
    for (const [place, outcome] of outcomes.entries()) {
      const { pieces } = works[place] as Work;
      if ('failure' in outcome) throw new SluiceError('badData', outcome.failure);
      if ('error' in outcome) rejected.push(...this.#lost(pieces, outcome.error));
      else {
        if (place < this.#options.partitions) groups.push(...groupsFrom(outcome.groups));
        for (const [piece, index, reason] of outcome.misfits)
          rejected.push({ piece: pieces[piece] as Piece, index, reason });
      }
    }
    // What a key had before it was known to be hot is in its partition, and comes first.
    groups.push(...shares.groups());
    this.#reject(rejected);
    const n = works.reduce((sum, { count }) => sum + count, 0);
    yield* this.#core.accept({ header: { ...header, n, last: isLast }, payload: noRecords, groups }, now);
  }

  /** Never rejects: why there is nothing is told in the order of the stream. */
  async #run(pieces: readonly Piece[], isWorthTask: boolean): Promise<Outcome> {
    const { executor, source } = this.#options;
    const parts = pieces.map(({ records }) => records);
    const input = { parts, plan: source };
    const isTask = isWorthTask && parts.length > 0;
    try {
      const folded = await (isTask
        ? executor.run('foldGroups', input, () => packCuts(input))
        : foldGroups(input));
      if ('groups' in folded) takeBack(folded);
      return folded;
    } catch (error) {
      return { error };
    }
  }

  /** The error policy for records that no worker could fold. Throws where it is to stop. */
  #lost(pieces: readonly Piece[], error: unknown): Rejected[] {
    const reason = messageOf(error);
    if (this.#options.rejects.stops) throw error;
    return pieces.flatMap((piece) =>
      Array.from({ length: piece.records.count }, (_, index) => ({ piece, index, reason })),
    );
  }

  /** In the order of the stream. */
  #reject(rejected: readonly Rejected[]): void {
    const { rejects } = this.#options;
    const placed = rejected.map(({ piece: { part, indexes }, index, reason }) => ({
      part,
      index: indexes?.[index] ?? index,
      reason,
    }));
    placed.sort(
      (one, other) => (one.part.header.part ?? 0) - (other.part.header.part ?? 0) || one.index - other.index,
    );
    for (const { part, index, reason } of placed)
      rejects.reject(new PartRecords(part).record(index), placeOf(part.header, index), reason);
  }
}

const newWork = (): Work => ({ pieces: [], count: 0 });

function wholeWork(parts: readonly Envelope[]): Work {
  const pieces = parts.map((part) => ({ part, records: wholeCut(part) }));
  return { pieces, count: pieces.reduce((sum, { records }) => sum + records.count, 0) };
}

function wholeCut({ header, payload }: Envelope): CutPart {
  const runs = new Runs(payload);
  runs.add(0, payload.length);
  return new CutPart(runs, header.n);
}

function shown({ key, share }: Balance['hot'][number]): string {
  const text = typeof key === 'string' ? key : stringifyJson(key);
  return `${text.length > 40 ? `${text.slice(0, 40)}…` : text} ${Math.round(share * 100)}%`;
}
