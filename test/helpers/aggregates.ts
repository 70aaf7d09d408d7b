// Aggregates as tests fold with them, by what a user would type.
import { stringifyJson, type Json } from '../../src/envelope/json.ts';
import type { AnyAggregate } from '../../src/reduce/aggregates/aggregate.ts';
import { parseAggregate } from '../../src/reduce/expression.ts';

export function aggregateOf(expression: string): AnyAggregate {
  return parseAggregate(expression).aggregate;
}

export function stateOf(aggregate: AnyAggregate, values: readonly Json[]): unknown {
  return values.reduce<unknown>((state, value) => aggregate.add(state, value), aggregate.init());
}

export function resultOf(expression: string, values: readonly Json[]): Json {
  const aggregate = aggregateOf(expression);
  return aggregate.result(stateOf(aggregate, values));
}

/** A state's bytes, as they travel. */
export function seen(aggregate: AnyAggregate, state: unknown): string {
  return stringifyJson(aggregate.encode(state));
}
