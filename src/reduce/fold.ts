// Hot path. Records into a table of groups: by its fields, or as a row reduced upstream.
import type { Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { messageOf } from '../errors.ts';
import { tookTooLong } from '../record/condition.ts';
import { isNumberText, numberFromColumn, type Field } from '../record/field.ts';
import { describe } from '../record/messages.ts';
import { eachWithin, longestMatch, NeedsLimit } from '../user-code/time-limit.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import type { AggregateColumn } from './expression.ts';
import type { Groups } from './groups.ts';
import { stateFromRow, type ReducePlan } from './plan.ts';

/** Some records of a part, ready to be taken in. */
export type Fold = (records: readonly Json[]) => FoldOne;

/** Takes one of the records in and returns undefined, or, having changed nothing, why it cannot. */
type FoldOne = (index: number, groups: Groups) => string | undefined;

/** What the aggregates get of records: from some place on that of one, a value for each column. */
type Values = (Json | undefined)[];

export function foldFor(plan: ReducePlan, upstream: Reduced | undefined): Fold {
  return plan.takes === 'rows' ? rowFold(plan, upstream?.partial) : fieldFold(plan);
}

function fieldFold(plan: ReducePlan): Fold {
  const { keys, columns } = plan;
  const readers = columns.map(readerOf);
  const aggregates = columns.map(({ aggregate }) => aggregate);
  const keyFields = keys.map(({ field }) => field);
  const userFold = columns.findIndex(({ isFold }) => isFold);
  const limited = columns.flatMap(({ mayTakeLong, expression }) => (mayTakeLong ? expression : []));
  const scratch: Values = columns.map(() => undefined);
  if (limited.length > 0) return foldLimited;
  return (records) => (index, groups) => {
    const record = records[index] as Json;
    return read(record, scratch, 0) ?? take(record, scratch, 0, groups);
  };

  /** All values first: a record that is rejected must not be half counted. */
  function read(record: Json, into: Values, from: number): string | undefined {
    for (let index = 0; index < columns.length; index += 1) {
      const value = (readers[index] as Field)(record);
      into[from + index] = value;
      // Numbers fit everywhere.
      if (value === undefined || typeof value === 'number') continue;
      const reason = misfit(columns[index] as AggregateColumn, value);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** As long as no condition asks for a time limit, one by one; from there on all are read first. */
  function foldLimited(records: readonly Json[]): FoldOne {
    let ahead: FoldOne | undefined;
    return (index, groups) => {
      if (ahead) return ahead(index, groups);
      let fault: string | undefined;
      try {
        fault = read(records[index] as Json, scratch, 0);
      } catch (error) {
        if (!(error instanceof NeedsLimit)) throw error;
        ahead = readAhead(records, index);
        return ahead(index, groups);
      }
      return fault ?? take(records[index] as Json, scratch, 0, groups);
    };
  }

  /** Under one time limit for all: what was stopped in the middle of a group could not be taken back. */
  function readAhead(records: readonly Json[], first: number): FoldOne {
    const all: Values = [];
    const faults: (string | undefined)[] = [];
    const milliseconds = Math.min(longestMatch, plan.taskTimeout ?? longestMatch);
    eachWithin(
      milliseconds,
      records.length - first,
      (at) => (faults[at] = read(records[first + at] as Json, all, at * columns.length)),
      (at) => (faults[at] = tookTooLong(limited.join(', '), milliseconds)),
    );
    return (index, groups) => {
      const at = index - first;
      return faults[at] ?? take(records[index] as Json, all, at * columns.length, groups);
    };
  }

  function take(record: Json, values: Values, from: number, groups: Groups): string | undefined {
    const key: Json[] = [];
    for (const field of keyFields) key.push(field(record) ?? null);
    if (userFold !== -1) return addByUser(key, record, values, from, groups);
    addAll(values, from, groups.of(key).states);
    return undefined;
  }

  function addAll(values: Values, from: number, states: unknown[]): void {
    for (let index = 0; index < aggregates.length; index += 1) {
      const value = values[from + index];
      if (value !== undefined) states[index] = (aggregates[index] as AnyAggregate).add(states[index], value);
    }
  }

  /** What a user wrote may throw: it comes first, before there is a group that would have to be taken back. */
  function addByUser(
    key: readonly Json[],
    record: Json,
    values: Values,
    from: number,
    groups: Groups,
  ): string | undefined {
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
    values[from + userFold] = undefined;
    addAll(values, from, states);
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

function misfit(column: AggregateColumn, value: Json): string | undefined {
  const { expression, fieldName } = column;
  const { takes } = column.aggregate;
  if (takes === 'nothing' || takes === 'anything' || typeof value === 'bigint') return undefined;
  if (takes === 'value' && typeof value === 'string') return undefined;
  const types = typeof value === 'string' && isNumberText(value) && fieldName !== undefined;
  const hint = types ? `; ingest --types ${fieldName}=number makes it one` : '';
  return `${expression} needs ${takes === 'number' ? 'a number' : 'a number or text'}, and this is ${describe(value)}${hint}`;
}

function rowFold(plan: ReducePlan, isPartial: boolean | undefined): Fold {
  const { keys } = plan;
  return (records) => (index, groups) => {
    const record = records[index] as Json;
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
