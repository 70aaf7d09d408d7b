// Hot path. One part's records into a table of groups: by words, by fields, or as rows reduced upstream.
import type { Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { Rejects } from '../stage/rejects.ts';
import type { AggregateColumn } from './expression.ts';
import { numberFromColumn } from './field.ts';
import type { Groups } from './groups.ts';
import { stateFromRow, type ReducePlan } from './plan.ts';
import { splitWords } from './words.ts';

/** Where a record stands, for messages. */
export type PartPlace = { readonly batch: number | undefined; readonly part: number | undefined };

type Fold = (record: Json, groups: Groups) => string | undefined;

/** The plan's way to take a record; it returns why it cannot, having changed nothing, or undefined. */
export function foldFor(plan: ReducePlan, upstream: Reduced | undefined): Fold {
  if (plan.takes === 'words') return foldWords;
  return plan.takes === 'rows' ? rowFold(plan, upstream?.partial) : fieldFold(plan);
}

export function foldRecords(
  records: readonly Json[],
  fold: Fold,
  groups: Groups,
  place: PartPlace,
  rejects: Rejects,
): void {
  for (const [index, record] of records.entries()) {
    const reason = fold(record, groups);
    if (reason !== undefined)
      rejects.reject(
        record,
        `batch ${place.batch ?? 0}, part ${place.part ?? 0}, record ${index + 1}`,
        reason,
      );
  }
}

function foldWords(record: Json, groups: Groups): string | undefined {
  if (typeof record !== 'string') return `--words needs text, and this is ${describe(record)}`;
  for (const word of splitWords(record)) groups.countWord(word);
  return undefined;
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

function describe(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `text (${JSON.stringify(value.slice(0, 40))})` : String(value);
}
