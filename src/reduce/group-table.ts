// Keys of any kind with any aggregates: records are decoded and folded one by one.
import type { Envelope, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { decodeRecords } from '../envelope/records.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import type { Rejects } from '../stage/rejects.ts';
import { placeOf } from '../record/messages.ts';
import type { AggregateColumn } from './expression.ts';
import { foldFor, statesFromRow, type Fold } from './fold.ts';
import { decodeGroup, encodeGroup } from './group-snapshot.ts';
import { Groups, type Group } from './groups.ts';
import { makeOverflowKey, splitOverflow } from './overflow.ts';
import type { ReducePlan } from './plan.ts';
import type { Part, RowTable } from './row-table.ts';
import { rowsOfGroups, type Rows, type RowSettings } from './rows.ts';

export class GroupTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fold: Fold;
  readonly #aggregates: readonly AnyAggregate[];
  readonly #groups: Groups;
  readonly #upstream: Reduced | undefined;

  constructor(plan: ReducePlan, upstream: Reduced | undefined) {
    this.#plan = plan;
    this.#fold = foldFor(plan, upstream);
    this.#upstream = upstream;
    this.#aggregates = plan.columns.map(({ aggregate }) => aggregate);
    this.#groups = new Groups(this.#aggregates, plan.maxKeys);
    // Without keys there is a row for nothing as well, where it says something: the count of nothing is 0.
    if (plan.keys.length === 0 && plan.columns.some(saysSomething)) this.#groups.of([], 0);
  }

  fold(part: Part, rejects: Rejects): void {
    if (part.folded) throw new TypeError('what workers fold is for tables of the kernel');
    if (part.groups) return this.absorb(part.groups);
    const { rest, overflow } = this.#plan.takes === 'rows' ? splitOverflow(part) : { rest: part };
    this.foldRecords(rest, (record, index, reason) =>
      rejects.reject(record, placeOf(part.header, index), reason),
    );
    if (!overflow) return;
    const states = statesFromRow(this.#plan, overflow.row, this.#upstream?.partial);
    if (typeof states === 'string')
      rejects.reject(overflow.row, placeOf(part.header, overflow.index), states);
    else this.#groups.mergeStates(makeOverflowKey(this.#plan.keys.length), states, overflow.records);
  }

  /** Takes in the records of one part; `reject` is told of those that cannot be used. */
  foldRecords(part: Envelope, reject: (record: Json, index: number, reason: string) => void): void {
    const records = decodeRecords(part);
    const foldOne = this.#fold(records);
    for (const [index, record] of records.entries()) {
      const reason = foldOne(index, this.#groups);
      if (reason !== undefined) reject(record, index, reason);
    }
  }

  /** Adds what others have folded; a key may come from several of them. */
  absorb(groups: readonly Json[]): void {
    for (const group of groups) this.#groups.absorb(decodeGroup(group, this.#aggregates));
  }

  add({ key, states, records }: Group): void {
    this.#groups.mergeStates(key, states, records);
  }

  groups(): Iterable<Group> {
    return this.#groups.all();
  }

  merge(other: RowTable): void {
    if (!(other instanceof GroupTable)) throw new TypeError('tables of two kinds cannot be merged');
    this.#groups.merge(other.#groups);
  }

  rows(settings: RowSettings): Iterable<Rows> {
    return rowsOfGroups(this.#groups.sorted(), this.#plan, settings);
  }

  snapshot(): Json {
    return Array.from(this.#groups.all(), (group) => encodeGroup(group, this.#aggregates));
  }

  restore(snapshot: Json): void {
    for (const group of snapshot as Json[]) this.#groups.restore(decodeGroup(group, this.#aggregates));
  }

  free(): void {
    // Nothing is held outside JavaScript's own memory.
  }
}

/** Of no record at all. What users wrote themselves may. */
function saysSomething({ aggregate, isFold }: AggregateColumn): boolean {
  return isFold === true || aggregate.result(aggregate.init(), { start: 0, end: 1 }) !== null;
}
