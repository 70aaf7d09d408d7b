// Hot path. The table of a reduction: key → states of its aggregates.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { comparatorFor } from '../envelope/order.ts';
import { detached, identityOf } from './identity.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';

export type Group = { readonly key: readonly Json[]; readonly states: unknown[] };

export class Groups {
  readonly #aggregates: readonly AnyAggregate[];
  readonly #groups = new Map<Json, Group>();

  constructor(aggregates: readonly AnyAggregate[]) {
    this.#aggregates = aggregates;
  }

  /** The group of `key`, made where there is none yet. */
  of(key: readonly Json[]): Group {
    const identity = identityOfKey(key);
    let group = this.#groups.get(identity);
    if (!group) {
      group = { key: key.map(detached), states: this.#aggregates.map((aggregate) => aggregate.init()) };
      // The Map holds on to what it is given as a key: where that is the text itself, the detached one.
      this.#groups.set(identity === key[0] ? (group.key[0] as Json) : identity, group);
    }
    return group;
  }

  find(key: readonly Json[]): Group | undefined {
    return this.#groups.get(identityOfKey(key));
  }

  merge(other: Groups): void {
    for (const { key, states } of other.#groups.values()) this.mergeStates(key, states);
  }

  mergeStates(key: readonly Json[], states: readonly unknown[]): Group {
    const group = this.of(key);
    for (const [index, aggregate] of this.#aggregates.entries()) {
      group.states[index] = aggregate.merge(group.states[index], states[index]);
    }
    return group;
  }

  remove(key: readonly Json[]): void {
    this.#groups.delete(identityOfKey(key));
  }

  all(): Iterable<Group> {
    return this.#groups.values();
  }

  /** All groups; there is none any more. */
  takeAll(): Group[] {
    const all = [...this.#groups.values()];
    this.#groups.clear();
    return all;
  }

  sorted(): Group[] {
    return sortGroups(this.all());
  }
}

/** Groups in the byte order of their keys, so that output never depends on chance. */
export function sortGroups<Sorted extends Pick<Group, 'key'>>(groups: Iterable<Sorted>): Sorted[] {
  const entries = Array.from(groups, (group) => ({ group, texts: group.key.map(keyText) }));
  const compare = comparatorFor(entries.flatMap(({ texts }) => texts));
  entries.sort((one, other) => {
    for (const [index, text] of one.texts.entries()) {
      const order = compare(text, other.texts[index] ?? '');
      if (order !== 0) return order;
      // 1 and "1" read the same: the text comes last.
      const types = Number(isText(one.group.key[index])) - Number(isText(other.group.key[index]));
      if (types !== 0) return types;
    }
    return 0;
  });
  return entries.map(({ group }) => group);
}

/** What tells keys of as many columns apart. */
export function identityOfKey(key: readonly Json[]): Json {
  return key.length === 1 ? identityOf(key[0] ?? null) : stringifyJson([...key]);
}

const isText = (key: Json | undefined): boolean => typeof key === 'string';

function keyText(key: Json): string {
  return typeof key === 'string' ? key : stringifyJson(key);
}
