// Groups as JSON, for what a stage holds between two runs.
import { stringifyJson, type Json } from '../envelope/json.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import type { Group } from './groups.ts';
import { isOverflowKey, makeOverflowKey } from './overflow.ts';

/** `[key, states, records]`; the row `_other` has the number of its columns for a key. */
export function encodeGroup({ key, states, records }: Group, aggregates: readonly AnyAggregate[]): Json[] {
  const name = isOverflowKey(key) ? key.length : [...key];
  return [name, encodeStates(states, aggregates), records ?? 1];
}

export function decodeGroup(json: Json, aggregates: readonly AnyAggregate[]): Group {
  const [name, states, records] = json as [Json[] | number, Json[], number];
  const key = typeof name === 'number' ? makeOverflowKey(name) : name;
  return { key, states: decodeStates(states, aggregates), records };
}

export function encodeStates(states: readonly unknown[], aggregates: readonly AnyAggregate[]): Json[] {
  return aggregates.map((aggregate, index) => aggregate.encode(states[index]));
}

export function decodeStates(json: readonly Json[], aggregates: readonly AnyAggregate[]): unknown[] {
  return aggregates.map((aggregate, index) => {
    const state = aggregate.decode(json[index] ?? null);
    if (state === undefined)
      throw new TypeError(`no state of ${aggregate.name}: ${stringifyJson(json[index] ?? null)}`);
    return state;
  });
}
