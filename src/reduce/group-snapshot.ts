// Groups as JSON, for what a stage holds between two runs.
import type { Json } from '../envelope/json.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import type { Group } from './groups.ts';

/** `[key, states, records]` of each group. */
export function encodeGroup({ key, states, records }: Group, aggregates: readonly AnyAggregate[]): Json[] {
  return [[...key], encodeStates(states, aggregates), records ?? 1];
}

export function decodeGroup(json: Json, aggregates: readonly AnyAggregate[]): Group {
  const [key, states, records] = json as [Json[], Json[], number];
  return { key, states: decodeStates(states, aggregates), records };
}

export function encodeStates(states: readonly unknown[], aggregates: readonly AnyAggregate[]): Json[] {
  return aggregates.map((aggregate, index) => aggregate.encode(states[index]));
}

export function decodeStates(json: readonly Json[], aggregates: readonly AnyAggregate[]): unknown[] {
  return aggregates.map((aggregate, index) => {
    const state = aggregate.decode(json[index] ?? null);
    if (state === undefined)
      throw new TypeError(`no state of ${aggregate.name}: ${JSON.stringify(json[index])}`);
    return state;
  });
}
