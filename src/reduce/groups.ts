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
    // Text of several columns never meets that of one: all keys of a table have as many.
    const identity = key.length === 1 ? identityOf(key[0] ?? null) : stringifyJson([...key]);
    let group = this.#groups.get(identity);
    if (!group) {
      group = { key: key.map(detached), states: this.#aggregates.map((aggregate) => aggregate.init()) };
      // The Map holds on to what it is given as a key: where that is the text itself, the detached one.
      this.#groups.set(identity === key[0] ? (group.key[0] as Json) : identity, group);
    }
    return group;
  }

  merge(other: Groups): void {
    for (const { key, states } of other.#groups.values()) this.mergeStates(key, states);
  }

  mergeStates(key: readonly Json[], states: readonly unknown[]): void {
    const group = this.of(key);
    for (const [index, aggregate] of this.#aggregates.entries()) {
      group.states[index] = aggregate.merge(group.states[index], states[index]);
    }
  }

  /** All groups in the byte order of their keys, so that output never depends on chance. */
  sorted(): Group[] {
    const entries = Array.from(this.#groups.values(), (group) => ({ group, texts: group.key.map(keyText) }));
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
}

const isText = (key: Json | undefined): boolean => typeof key === 'string';

function keyText(key: Json): string {
  return typeof key === 'string' ? key : stringifyJson(key);
}
