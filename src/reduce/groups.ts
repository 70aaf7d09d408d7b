// Hot path. The table of a reduction: key → states of its aggregates.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { comparatorFor } from '../envelope/order.ts';
import type { Aggregate } from './aggregates/aggregate.ts';
import { overflowKey } from './overflow.ts';

export type Group = {
  readonly key: readonly Json[];
  readonly states: unknown[];
  /** How many records it stands for. */
  records: number;
};

export class Groups {
  readonly #aggregates: readonly Aggregate<unknown>[];
  readonly #maxKeys: number;
  readonly #groups = new Map<Json, Group>();
  /** Of the keys beyond `maxKeys`. */
  #overflow: Group | undefined;

  /** Of more keys than `maxKeys` those are kept that come first. */
  constructor(aggregates: readonly Aggregate<unknown>[], maxKeys = Number.POSITIVE_INFINITY) {
    this.#aggregates = aggregates;
    this.#maxKeys = maxKeys;
  }

  get overflow(): Group | undefined {
    return this.#overflow;
  }

  /** The group of `key`, made where there is none yet, to take in one record or as many as are said. */
  of(key: readonly Json[], records = 1): Group {
    const group = this.#find(key);
    group.records += records;
    return group;
  }

  #find(key: readonly Json[]): Group {
    const identity = identityOf(key);
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

  merge(other: Groups): void {
    for (const { key, states, records } of other.#groups.values()) this.mergeStates(key, states, records);
    if (other.#overflow) this.mergeOverflow(other.#overflow);
  }

  mergeStates(key: readonly Json[], states: readonly unknown[], records = 1): void {
    this.#merge(this.of(key, records), states);
  }

  /** Adds what stands for keys that were beyond a bound elsewhere. */
  mergeOverflow({ key, states, records }: Group): void {
    const group = this.#overflowOf(key);
    group.records += records;
    this.#merge(group, states);
  }

  #merge(group: Group, states: readonly unknown[]): void {
    for (const [index, aggregate] of this.#aggregates.entries()) {
      group.states[index] = aggregate.merge(group.states[index], states[index]);
    }
  }

  /** All groups in the byte order of their keys, so that output never depends on chance; the overflow comes last. */
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
    const groups = entries.map(({ group }) => group);
    return this.#overflow ? [...groups, this.#overflow] : groups;
  }
}

const isText = (key: Json | undefined): boolean => typeof key === 'string';

/**
 * What makes two keys the same: type and value. A Map tells 1 from "1" by itself; lists and objects, and keys of
 * several columns, go by their JSON text, marked so that no other key looks like it.
 */
function identityOf(key: readonly Json[]): Json {
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
function detached(key: Json): Json {
  return typeof key === 'string' && key.length >= 13 ? Buffer.from(key, 'utf16le').toString('utf16le') : key;
}
