// Hot path. Aggregates that the kernel does not keep, such as variances, folded from the numbers that it lists.
import type { Json } from '../envelope/json.ts';
import type { Table } from '../kernel/kernel.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import { decodeStates, encodeStates } from './group-snapshot.ts';
import { aggregateColumn } from './expression.ts';
import type { ExportedNumbers } from './numbers.ts';

/** An aggregate of a plan, as it crosses thread boundaries, and which of the kernel's values it takes. */
export type ListedAggregate = { readonly expression: string; readonly value: number };

/** Bytes of a group's key, as latin1 → a state for each listed aggregate. */
export type StatesByKey = Map<string, unknown[]>;

/** A whole table on its way: the kernel's part, and the states and numbers beside it. */
export type Exported = {
  readonly table: ArrayBuffer;
  readonly listed: StatesByKey;
  readonly numbers: readonly ExportedNumbers[];
};

/** What has been read into one table. */
export class ListedStates {
  readonly #aggregates: readonly AnyAggregate[];
  /** For each of the kernel's values the numbers of its aggregates. */
  readonly #usersOf: number[][] = [];
  /** By the table's number of the group. */
  readonly #states: unknown[][] = [];

  constructor(listed: readonly ListedAggregate[]) {
    this.#aggregates = aggregatesOf(listed);
    for (const [index, { value }] of listed.entries()) (this.#usersOf[value] ??= []).push(index);
  }

  /** Takes what `table` has listed since it was last asked to read. */
  take(table: Table): void {
    if (this.#aggregates.length === 0) return;
    const aggregates = this.#aggregates;
    table.forEachListed((group, value, number) => {
      const states = (this.#states[group] ??= aggregates.map((aggregate) => aggregate.init()));
      for (const index of this.#usersOf[value] ?? []) {
        states[index] = (aggregates[index] as AnyAggregate).add(states[index], number);
      }
    });
  }

  /** All there is, which is forgotten here. */
  takeByKey(table: Table): StatesByKey {
    const states: StatesByKey = new Map();
    this.#states.forEach((of, group) => states.set(table.keyText(group), of));
    this.#states.length = 0;
    return states;
  }
}

/** Merges `others`, which stay as they are, into `states`. */
export function mergeStates(
  states: StatesByKey,
  others: StatesByKey,
  listed: readonly ListedAggregate[],
): void {
  const aggregates = aggregatesOf(listed);
  for (const [key, more] of others) {
    let before = states.get(key);
    if (!before) states.set(key, (before = aggregates.map((aggregate) => aggregate.init())));
    for (let index = 0; index < aggregates.length; index += 1) {
      before[index] = (aggregates[index] as AnyAggregate).merge(before[index], more[index]);
    }
  }
}

/** `[key, states]` of each group. */
export function encodeStatesByKey(states: StatesByKey, listed: readonly ListedAggregate[]): Json[] {
  const aggregates = aggregatesOf(listed);
  return Array.from(states, ([key, of]) => [key, encodeStates(of, aggregates)]);
}

export function decodeStatesByKey(json: readonly Json[], listed: readonly ListedAggregate[]): StatesByKey {
  const aggregates = aggregatesOf(listed);
  return new Map(
    (json as readonly [string, Json[]][]).map(([key, states]) => [key, decodeStates(states, aggregates)]),
  );
}

const known = new Map<string, AnyAggregate>();

/** Read from their expressions once: functions do not cross thread boundaries. */
function aggregatesOf(listed: readonly ListedAggregate[]): AnyAggregate[] {
  return listed.map(({ expression }) => {
    const aggregate = known.get(expression) ?? aggregateColumn(expression, expression).aggregate;
    known.set(expression, aggregate);
    return aggregate;
  });
}
