// Hot path. One record into a table of groups: by its fields, or as a row reduced upstream.
import type { Header, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { messageOf } from '../errors.ts';
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
  const userFold = columns.findIndex(({ isFold }) => isFold);
  return (record, groups) => {
    // All values first: a record that is rejected must not be half counted.
    for (const [index, column] of columns.entries()) {
      const value = valueOf(column, record);
      const reason = value === undefined ? undefined : misfit(column, value);
      if (reason !== undefined) return reason;
      values[index] = value;
    }
    const key = keys.map(({ field }) => field(record) ?? null);
    if (userFold !== -1) return addByUser(key, record, groups);
    addAll(groups.of(key).states, -1);
    return undefined;
  };

  function addAll(states: unknown[], except: number): void {
    for (const [index, { aggregate, field }] of columns.entries()) {
      const value = values[index];
      if (index !== except && (value !== undefined || !field))
        states[index] = aggregate.add(states[index], value ?? null);
    }
  }

  /** What a user wrote may throw: it comes first, before there is a group that would have to be taken back. */
  function addByUser(key: readonly Json[], record: Json, groups: Groups): string | undefined {
    const { aggregate, expression } = columns[userFold] as AggregateColumn;
    const known = groups.find(key);
    let folded: unknown;
    try {
      folded = aggregate.add(known ? known.states[userFold] : aggregate.init(), record);
    } catch (error) {
      return `${expression}: ${messageOf(error)}`;
    }
    const { states } = known ?? groups.of(key);
    states[userFold] = folded;
    addAll(states, userFold);
    return undefined;
  }
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

function rowFold({ keys, columns }: ReducePlan, isPartial: boolean | undefined): Fold {
  return (record, groups) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      return `a reduced row is an object, and this is ${describe(record)}`;
    const states: unknown[] = [];
    for (const column of columns) {
      const state = stateFromRow(column, record[column.name] ?? null, isPartial);
      if (state === undefined) return `column '${column.name}' is no result of ${column.expression}`;
      states.push(state);
    }
    groups.mergeStates(
      keys.map(({ field }) => field(record) ?? null),
      states,
    );
    return undefined;
  };
}

export function describe(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `text (${JSON.stringify(value.slice(0, 40))})` : String(value);
}
