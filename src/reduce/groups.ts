// Hot path. The table of a reduction: key → states of its aggregates.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { comparatorFor } from '../envelope/order.ts';
import type { Aggregate } from './aggregates/aggregate.ts';

export type Group = { readonly key: readonly Json[]; readonly states: unknown[] };

export class Groups {
  readonly #aggregates: readonly Aggregate<unknown>[];
  readonly #groups = new Map<Json, Group>();

  constructor(aggregates: readonly Aggregate<unknown>[]) {
    this.#aggregates = aggregates;
  }

  /** The group of `key`, made where there is none yet. */
  of(key: readonly Json[]): Group {
    const identity = identityOf(key);
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

/**
 * What makes two keys the same: type and value. A Map tells 1 from "1" by itself; lists and objects, and keys of
 * several columns, go by their JSON text, marked so that no other key looks like it.
 */
export function identityOf(key: readonly Json[]): Json {
  const [only = null] = key;
  if (key.length === 1 && !isMarked(only) && (typeof only !== 'object' || only === null)) return only;
  return `\u0000${stringifyJson([...key])}`;
}

function isMarked(key: Json): boolean {
  return typeof key === 'string' && key.charCodeAt(0) === 0;
}

function keyText(key: Json): string {
  return typeof key === 'string' ? key : stringifyJson(key);
}

/** V8 keeps a slice of a long text as a reference to all of it; a key must not hold on to its line. */
export function detached(key: Json): Json {
  return typeof key === 'string' && key.length >= 13 ? Buffer.from(key, 'utf16le').toString('utf16le') : key;
}
