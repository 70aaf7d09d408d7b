// Totals that go on from batch to batch, and know which of their keys changed, and when.
import type { Json } from '../envelope/json.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import { decodeGroup, encodeGroup } from './group-snapshot.ts';
import { Groups, sortGroups, type Group } from './groups.ts';
import type { ReducePlan } from './plan.ts';
import { rowsOfGroups, type RowSource } from './rows.ts';

/** The groups that changed at a time, for those that then stay as they are. */
type Update = { readonly time: number; readonly groups: readonly Group[] };

export class Totals {
  readonly #plan: ReducePlan;
  readonly #aggregates: readonly AnyAggregate[];
  readonly #groups: Groups;
  #changed = new Set<Group>();
  /** When each group changed last; kept where groups expire. */
  readonly #updatedAt = new Map<Group, number>();
  #updates: Update[] = [];

  constructor(plan: ReducePlan) {
    this.#plan = plan;
    this.#aggregates = plan.columns.map(({ aggregate }) => aggregate);
    this.#groups = new Groups(this.#aggregates, plan.maxKeys);
  }

  /** Adds groups, whose states stay as they are. */
  add(groups: Iterable<Group>): void {
    for (const { key, states, records } of groups)
      this.#changed.add(this.#groups.mergeStates(key, states, records));
  }

  /** The changes since the last call; they were made at `time`, epoch milliseconds, where groups expire. */
  takeChanged(time?: number): RowSource & { readonly count: number } {
    const changed = this.#changed;
    this.#changed = new Set();
    if (time !== undefined) {
      for (const group of changed) this.#updatedAt.set(group, time);
      if (changed.size > 0) this.#updates.push({ time, groups: [...changed] });
    }
    return { count: changed.size, ...this.#rowsOf(changed) };
  }

  all(): RowSource {
    return this.#rowsOf(this.#groups.all());
  }

  /** Forgets the groups that have not changed after `time`. Returns how many there were. */
  expire(time: number): number {
    let expired = 0;
    const due = this.#updates.findIndex((update) => update.time > time);
    for (const update of this.#updates.splice(0, due === -1 ? this.#updates.length : due)) {
      for (const group of update.groups) {
        if (this.#updatedAt.get(group) !== update.time) continue;
        this.#updatedAt.delete(group);
        this.#groups.remove(group.key);
        expired += 1;
      }
    }
    return expired;
  }

  /** What changed since the last `takeChanged` is not in it. */
  snapshot(): Json {
    const groups = Array.from(this.#groups.all(), (group) => [
      ...encodeGroup(group, this.#aggregates),
      this.#updatedAt.get(group) ?? null,
    ]);
    return { groups };
  }

  restore(snapshot: Json): void {
    const { groups } = snapshot as { groups: Json[][] };
    this.#groups.takeAll();
    const byTime = new Map<number, Group[]>();
    for (const json of groups) {
      const group = decodeGroup(json, this.#aggregates);
      this.#groups.restore(group);
      const time = json[3];
      if (typeof time !== 'number') continue;
      this.#updatedAt.set(group, time);
      const changed = byTime.get(time);
      if (changed) changed.push(group);
      else byTime.set(time, [group]);
    }
    this.#updates = Array.from(byTime, ([time, changed]) => ({ time, groups: changed })).sort(
      (one, other) => one.time - other.time,
    );
    this.#changed = new Set();
  }

  /** Put in order when they are read, since most changes of one batch are not. */
  #rowsOf(groups: Iterable<Group>): RowSource {
    return {
      rows: (settings) => rowsOfGroups(sortGroups(groups), this.#plan, settings),
      free: () => undefined,
    };
  }
}
