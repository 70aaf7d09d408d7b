// Hot path. One record into a table of groups: by its fields, or as a row reduced upstream.
import type { Header, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { AggregateColumn } from './expression.ts';
import { numberFromColumn } from './field.ts';
import type { Groups } from './groups.ts';
import { stateFromRow, type ReducePlan } from './plan.ts';

/** Takes a record in and returns undefined, or, having changed nothing, why it cannot. */
export type Fold = (record: Json, groups: Groups) => string | undefined;

export function foldFor(plan: ReducePlan, upstream: Reduced | undefined): Fold {
  return plan.takes === 'rows' ? rowFold(plan, upstream?.partial) : fieldFold(plan);
}

/** Where a record stands, for messages; `index` counts from 0. */
export function placeOf({ batch, part }: Header, index: number): string {
  return `batch ${batch ?? 0}, part ${part ?? 0}, record ${index + 1}`;
}

function fieldFold({ keys, columns }: ReducePlan): Fold {
  const values: (Json | undefined)[] = Array.from({ length: columns.length });
  return (record, groups) => {
    // All values first: a record that is rejected must not be half counted.
    for (const [index, column] of columns.entries()) {
      const value = valueOf(column, record);
      const reason = value === undefined ? undefined : misfit(column, value);
      if (reason !== undefined) return reason;
      values[index] = value;
    }
    const { states } = groups.of(keys.map(({ field }) => field(record) ?? null));
    for (const [index, { aggregate, field }] of columns.entries()) {
      const value = values[index];
      if (value !== undefined || !field) states[index] = aggregate.add(states[index], value ?? null);
    }
    return undefined;
  };
}

/** Undefined where there is no value: missing, null, or a dash in a log. */
function valueOf({ field, isColumn }: AggregateColumn, record: Json): Json | undefined {
  const value = field?.(record);
  if (value === null || value === undefined) return undefined;
  return isColumn && typeof value === 'string' ? numberFromColumn(value) : value;
}

function misfit({ aggregate, expression }: AggregateColumn, value: Json): string | undefined {
  if (aggregate.argument === 'none' || typeof value === 'number' || typeof value === 'bigint')
    return undefined;
  if (aggregate.argument === 'value' && typeof value === 'string') return undefined;
  return `${expression} needs ${aggregate.argument === 'number' ? 'a number' : 'a number or text'}, and this is ${describe(value)}`;
}

function rowFold(plan: ReducePlan, isPartial: boolean | undefined): Fold {
  const { keys } = plan;
  return (record, groups) => {
    const states = statesFromRow(plan, record, isPartial);
    if (typeof states === 'string') return states;
    groups.mergeStates(
      keys.map(({ field }) => field(record) ?? null),
      states,
    );
    return undefined;
  };
}

/** The states in a row, one for each column, or why they cannot be had. */
export function statesFromRow(
  { columns }: ReducePlan,
  row: Json,
  isPartial: boolean | undefined,
): unknown[] | string {
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return `a reduced row is an object, and this is ${describe(row)}`;
  const states: unknown[] = [];
  for (const column of columns) {
    const state = stateFromRow(column, row[column.name] ?? null, isPartial);
    if (state === undefined) return `column '${column.name}' is no result of ${column.expression}`;
    states.push(state);
  }
  return states;
}

export function describe(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `text (${JSON.stringify(value.slice(0, 40))})` : String(value);
}
