// Keys of any kind with any aggregates: records are decoded and folded one by one.
import type { Envelope, Reduced } from '../envelope/envelope.ts';
import { decodeRecords } from '../envelope/records.ts';
import type { Rejects } from '../stage/rejects.ts';
import { foldFor, placeOf, type Fold } from './fold.ts';
import { Groups, type Group } from './groups.ts';
import type { ReducePlan } from './plan.ts';
import type { RowTable } from './row-table.ts';
import { rowsOfGroups, type Rows, type RowSettings } from './rows.ts';

export class GroupTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fold: Fold;
  readonly #groups: Groups;

  constructor(plan: ReducePlan, upstream: Reduced | undefined) {
    this.#plan = plan;
    this.#fold = foldFor(plan, upstream);
    this.#groups = new Groups(plan.columns.map(({ aggregate }) => aggregate));
    // Without keys there is one row in any case: the count of nothing is 0.
    if (plan.keys.length === 0) this.#groups.of([]);
  }

  fold(envelope: Envelope, rejects: Rejects): void {
    for (const [index, record] of decodeRecords(envelope).entries()) {
      const reason = this.#fold(record, this.#groups);
      if (reason !== undefined) rejects.reject(record, placeOf(envelope.header, index), reason);
    }
  }

  add({ key, states }: Group): void {
    this.#groups.mergeStates(key, states);
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

  free(): void {
    // Nothing is held outside JavaScript's own memory.
  }
}
