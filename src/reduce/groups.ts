// Hot path. The table of a reduction: key → states of its aggregates.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { comparatorFor, compareText } from '../envelope/order.ts';
import { detached, identityOfKey } from '../record/identity.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import { overflowKey } from './overflow.ts';

export type Group = {
  readonly key: readonly Json[];
  readonly states: unknown[];
  /** How many records it stands for; one where it is not said. Asked for where keys are bounded. */
  records?: number;
};

export class Groups {
  readonly #aggregates: readonly AnyAggregate[];
  readonly #maxKeys: number;
  readonly #groups = new Map<Json, Group>();
  /** Of the keys beyond `maxKeys`. */
  #overflow: Group | undefined;

  /** Of more keys than `maxKeys` those are kept that come first. */
  constructor(aggregates: readonly AnyAggregate[], maxKeys = Number.POSITIVE_INFINITY) {
    this.#aggregates = aggregates;
    this.#maxKeys = maxKeys;
  }

  get overflow(): Group | undefined {
    return this.#overflow;
  }

  /** The group of `key`, made where there is none yet, to take in one record or as many as are said. */
  of(key: readonly Json[], records = 1): Group {
    const group = this.#findOrMake(key);
    group.records = (group.records ?? 0) + records;
    return group;
  }

  #findOrMake(key: readonly Json[]): Group {
    const identity = identityOfKey(key);
    let group = this.#groups.get(identity);
    if (!group) {
      if (this.#groups.size >= this.#maxKeys) return this.#overflowOf(key);
      group = this.#newGroup(key.map(detached));
      // The Map holds on to what it is given as a key: where that is the text itself, the detached one.
      this.#groups.set(identity === key[0] ? (group.key[0] as Json) : identity, group);
    }
    return group;
  }

  #overflowOf(key: readonly Json[]): Group {
    return (this.#overflow ??= this.#newGroup(key.map((_, index) => (index === 0 ? overflowKey : null))));
  }

  #newGroup(key: readonly Json[]): Group {
    return { key, states: this.#aggregates.map((aggregate) => aggregate.init()), records: 0 };
  }

  find(key: readonly Json[]): Group | undefined {
    return this.#groups.get(identityOfKey(key));
  }

  merge(other: Groups): void {
    for (const { key, states, records } of other.#groups.values()) this.mergeStates(key, states, records);
    if (other.#overflow) this.mergeOverflow(other.#overflow);
  }

  mergeStates(key: readonly Json[], states: readonly unknown[], records = 1): Group {
    return this.#merge(this.of(key, records), states);
  }

  /** Adds what stands for keys that were beyond a bound elsewhere. */
  mergeOverflow({ key, states, records = 1 }: Group): void {
    const group = this.#overflowOf(key);
    group.records = (group.records ?? 0) + records;
    this.#merge(group, states);
  }

  #merge(group: Group, states: readonly unknown[]): Group {
    for (const [index, aggregate] of this.#aggregates.entries()) {
      group.states[index] = aggregate.merge(group.states[index], states[index]);
    }
    return group;
  }

  /** Puts a group where it was, with its own states; whatever was there is replaced. */
  restore(group: Group): void {
    this.#groups.set(identityOfKey(group.key), group);
  }

  restoreOverflow(group: Group): void {
    this.#overflow = group;
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

  /** In the byte order of their keys; the overflow comes last. */
  sorted(): Group[] {
    const groups = sortGroups(this.all());
    return this.#overflow ? [...groups, this.#overflow] : groups;
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

/** The same order, for single keys. */
export function compareKeys(one: readonly Json[], other: readonly Json[]): number {
  for (const [index, value] of one.entries()) {
    const order = compareText(keyText(value), keyText(other[index] ?? null));
    if (order !== 0) return order;
    const types = Number(isText(value)) - Number(isText(other[index]));
    if (types !== 0) return types;
  }
  return 0;
}

const isText = (key: Json | undefined): boolean => typeof key === 'string';

function keyText(key: Json): string {
  return typeof key === 'string' ? key : stringifyJson(key);
}
