// Hot path. One record into a table of groups: by its fields, or as a row reduced upstream.
import type { Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { messageOf } from '../errors.ts';
import { numberFromColumn, type Field } from '../record/field.ts';
import { describe } from '../record/messages.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import type { AggregateColumn } from './expression.ts';
import type { Groups } from './groups.ts';
import { stateFromRow, type ReducePlan } from './plan.ts';

/** Takes a record in and returns undefined, or, having changed nothing, why it cannot. */
export type Fold = (record: Json, groups: Groups) => string | undefined;

export function foldFor(plan: ReducePlan, upstream: Reduced | undefined): Fold {
  return plan.takes === 'rows' ? rowFold(plan, upstream?.partial) : fieldFold(plan);
}

function fieldFold({ keys, columns }: ReducePlan): Fold {
  const readers = columns.map(readerOf);
  const aggregates = columns.map(({ aggregate }) => aggregate);
  const keyFields = keys.map(({ field }) => field);
  const values: (Json | undefined)[] = columns.map(() => undefined);
  const userFold = columns.findIndex(({ isFold }) => isFold);
  return (record, groups) => {
    // All values first: a record that is rejected must not be half counted.
    for (let index = 0; index < columns.length; index += 1) {
      const value = (readers[index] as Field)(record);
      values[index] = value;
      // Numbers fit everywhere.
      if (value === undefined || typeof value === 'number') continue;
      const reason = misfit(columns[index] as AggregateColumn, value);
      if (reason !== undefined) return reason;
    }
    const key: Json[] = [];
    for (const field of keyFields) key.push(field(record) ?? null);
    if (userFold !== -1) return addByUser(key, record, groups);
    addAll(groups.of(key).states);
    return undefined;
  };

  function addAll(states: unknown[]): void {
    for (let index = 0; index < aggregates.length; index += 1) {
      const value = values[index];
      if (value !== undefined) states[index] = (aggregates[index] as AnyAggregate).add(states[index], value);
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
    const { states } = groups.of(key);
    states[userFold] = folded;
    values[userFold] = undefined;
    addAll(states);
    return undefined;
  }
}

/** What an aggregate gets of a record; undefined where the record is not for it, or has no value: missing, null, or a dash in a log. */
function readerOf(column: AggregateColumn): Field {
  const { conditions } = column;
  const read = valueReaderOf(column);
  if (conditions.length === 0) return read;
  return (record) => (conditions.every((holds) => holds(record)) ? read(record) : undefined);
}

function valueReaderOf({ aggregate, field, isColumn }: AggregateColumn): Field {
  // A bare count takes every record, whatever is in it.
  if (!field) return () => true;
  const hasNumbers = isColumn && aggregate.takes !== 'anything';
  return (record) => {
    const value = field(record) ?? undefined;
    return hasNumbers && typeof value === 'string' ? numberFromColumn(value) : value;
  };
}

function misfit({ aggregate: { takes }, expression }: AggregateColumn, value: Json): string | undefined {
  if (takes === 'nothing' || takes === 'anything' || typeof value === 'bigint') return undefined;
  if (takes === 'value' && typeof value === 'string') return undefined;
  return `${expression} needs ${takes === 'number' ? 'a number' : 'a number or text'}, and this is ${describe(value)}`;
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
