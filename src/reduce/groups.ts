// Hot path. The table of a reduction: key → states of its aggregates.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { comparatorFor, compareText } from '../envelope/order.ts';
import { detached, identityOfKey } from '../record/identity.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import { isOverflowKey, makeOverflowKey } from './overflow.ts';

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

  /** The group of `key`, made where there is none yet, to take in one record or as many as are said. */
  of(key: readonly Json[], records = 1): Group {
    const group = this.#findOrMake(key);
    group.records = (group.records ?? 0) + records;
    return group;
  }

  #findOrMake(key: readonly Json[]): Group {
    if (isOverflowKey(key)) return this.#overflowOf(key);
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
    return (this.#overflow ??= this.#newGroup(makeOverflowKey(key.length)));
  }

  #newGroup(key: readonly Json[]): Group {
    return { key, states: this.#aggregates.map((aggregate) => aggregate.init()), records: 0 };
  }

  /** What a record with this key is taken into, if there is anything yet. */
  find(key: readonly Json[]): Group | undefined {
    const known = this.#groups.get(identityOfKey(key));
    return known ?? (this.#groups.size >= this.#maxKeys ? this.#overflow : undefined);
  }

  merge(other: Groups): void {
    for (const { key, states, records } of other.all()) this.mergeStates(key, states, records);
  }

  mergeStates(key: readonly Json[], states: readonly unknown[], records = 1): Group {
    const group = this.of(key, records);
    for (const [index, aggregate] of this.#aggregates.entries()) {
      group.states[index] = aggregate.merge(group.states[index], states[index]);
    }
    return group;
  }

  /**
   * Adds a group that is nobody else's: it stays as it is where there is none of its key. One of no records, which stands for a row
   * of nothing, is put together with none: nobody says what that makes.
   */
  absorb(group: Group): void {
    if (group.records === 0) return;
    const known = this.find(group.key);
    const isFull = this.#groups.size >= this.#maxKeys || isOverflowKey(group.key);
    if (known ? known.records !== 0 : isFull) this.mergeStates(group.key, group.states, group.records);
    else this.restore(group);
  }

  /** Puts a group where it was, with its own states; whatever was there is replaced. */
  restore(group: Group): void {
    if (isOverflowKey(group.key)) this.#overflow = group;
    else this.#groups.set(identityOfKey(group.key), group);
  }

  remove(key: readonly Json[]): void {
    if (isOverflowKey(key)) this.#overflow = undefined;
    else this.#groups.delete(identityOfKey(key));
  }

  /** In the order in which they came; the overflow is the last. */
  all(): Iterable<Group> {
    return this.#overflow ? [...this.#groups.values(), this.#overflow] : this.#groups.values();
  }

  /** All groups; there is none any more. */
  takeAll(): Group[] {
    const all = [...this.all()];
    this.#groups.clear();
    this.#overflow = undefined;
    return all;
  }

  /** In the byte order of their keys. */
  sorted(): Group[] {
    return sortGroups(this.all());
  }
}

/** Groups in the byte order of their keys, so that output never depends on chance; the overflow comes last. */
export function sortGroups<Sorted extends Pick<Group, 'key'>>(groups: Iterable<Sorted>): Sorted[] {
  const overflow: Sorted[] = [];
  const entries: { readonly group: Sorted; readonly texts: readonly string[] }[] = [];
  for (const group of groups) {
    if (isOverflowKey(group.key)) overflow.push(group);
    else entries.push({ group, texts: group.key.map(keyText) });
  }
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
  return [...entries.map(({ group }) => group), ...overflow];
}

/** The same order, for single keys. */
export function compareKeys(one: readonly Json[], other: readonly Json[]): number {
  const overflow = Number(isOverflowKey(one)) - Number(isOverflowKey(other));
  if (overflow !== 0) return overflow;
  for (const [index, value] of one.entries()) {
    const order = compareText(keyText(value), keyText(other[index] ?? null));
    if (order !== 0) return order;
    const types = Number(isText(value)) - Number(isText(other[index]));
    if (types !== 0) return types;
  }
  return 0;
}

/** What tells keys of as many columns apart, and the row `_other` from all of them. */
export function identityOfGroup(key: readonly Json[]): Json {
  return isOverflowKey(key) ? overflowIdentity : identityOfKey(key);
}

/** What no text is taken for: identities that begin like it are JSON. */
const overflowIdentity = '\u0000_other';

const isText = (key: Json | undefined): boolean => typeof key === 'string';

function keyText(key: Json): string {
  return typeof key === 'string' ? key : stringifyJson(key);
}
