// What one reduce computes, settled before the first record, or, for a bare `reduce`, by the first envelope.
import type { Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import {
  aggregateColumn,
  isFoldExpression,
  parseAggregate,
  parseKeys,
  refuseDuplicates,
  type AggregateColumn,
  type KeyColumn,
} from './expression.ts';

export type ReducePlan = {
  /** How a record is taken: as words, by its fields, or as a row reduced upstream. */
  readonly takes: 'words' | 'fields' | 'rows';
  readonly keys: readonly KeyColumn[];
  readonly columns: readonly AggregateColumn[];
  /** What goes into the header of the rows. */
  readonly reduced: Reduced;
  /** Of more keys the first so many are kept. Undefined without a bound, and without keys. */
  readonly maxKeys?: number;
  /** Milliseconds for one record at most. */
  readonly taskTimeout?: number | undefined;
};

export type PlanSettings = {
  by: string[];
  words: boolean;
  partial: boolean;
  maxKeys?: number | undefined;
  taskTimeout?: number | undefined;
};

/** Undefined for a bare `reduce`. Throws SluiceError('usage'). */
export function planFrom(
  settings: PlanSettings,
  expressions: readonly string[],
  fold?: AggregateColumn,
): ReducePlan | undefined {
  if (settings.words && settings.by.length > 0) {
    throw new SluiceError(
      'usage',
      '--words and --by do not go together',
      'words are counted by word; --by is for fields',
    );
  }
  if (!settings.words && settings.by.length === 0 && expressions.length === 0 && !fold) return undefined;
  if (settings.words && fold)
    throw new SluiceError('usage', '--words and --fold do not go together', '--fold takes whole records');
  const columns = (expressions.length === 0 && !fold ? ['count'] : expressions).map(parseAggregate);
  if (fold) columns.push(fold);
  if (settings.words && columns.some(({ expression }) => expression !== 'count')) {
    throw new SluiceError(
      'usage',
      '--words counts, and nothing else',
      "leave the aggregates out, or name the count: sluice reduce --words 'n=count'",
    );
  }
  const keys = settings.words ? [keyByName('word')] : parseKeys(settings.by);
  return makePlan(settings.words ? 'words' : 'fields', keys, columns, settings);
}

type MergeSettings = { readonly maxKeys?: number | undefined; readonly fold?: AggregateColumn | undefined };

/** How rows that came with `reduced` are merged. */
export function planToMerge(
  reduced: Reduced,
  partial: boolean,
  { maxKeys, fold }: MergeSettings = {},
): ReducePlan {
  const columns = Object.entries(reduced.aggregates).map(([name, expression]) => {
    if (!isFoldExpression(expression)) return upstreamColumn(name, expression);
    return Object.assign({}, fold ?? unknownFold(expression), { name });
  });
  if (!reduced.partial) columns.forEach(refuseUnmergeable);
  return makePlan('rows', reduced.keys.map(keyByName), columns, {
    words: reduced.words ?? false,
    partial,
    maxKeys,
  });
}

/** What is wrong with an expression in an envelope is no fault of this command line. */
function upstreamColumn(name: string, expression: string): AggregateColumn {
  try {
    return aggregateColumn(name, expression);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new SluiceError(
      'badData',
      `rows reduced upstream have a column '${name}' that cannot be merged: ${error.message}`,
      'were they written by another version of sluice?',
      error,
    );
  }
}

/** A key that is not read from a field of a record: a word, or the column of a row. */
export function keyByName(name: string): KeyColumn {
  return {
    name,
    field: (row) =>
      typeof row === 'object' && row !== null && Object.hasOwn(row, name)
        ? (row as Record<string, Json>)[name]
        : undefined,
  };
}

function makePlan(
  takes: ReducePlan['takes'],
  keys: readonly KeyColumn[],
  columns: readonly AggregateColumn[],
  { words, partial, maxKeys, taskTimeout }: Omit<PlanSettings, 'by'>,
): ReducePlan {
  const keyNames = keys.map(({ name }) => name);
  refuseDuplicates([...keyNames, ...columns.map(({ name }) => name)]);
  const aggregates = Object.fromEntries(columns.map(({ name, expression }) => [name, expression]));
  return {
    takes,
    keys,
    columns,
    reduced: { keys: keyNames, aggregates, ...(words && { words }), ...(partial && { partial }) },
    ...(maxKeys !== undefined && keys.length > 0 && { maxKeys }),
    taskTimeout,
  };
}

/** The state that a row holds in a column: a final value, or with --partial a state. */
export function stateFromRow(
  { aggregate }: AggregateColumn,
  value: Json,
  isPartial: boolean | undefined,
): unknown {
  return isPartial ? aggregate.decode(value) : aggregate.fromResult?.(value);
}

function unknownFold(expression: string): never {
  throw new SluiceError(
    'usage',
    `these rows come from a ${expression}, which is not known here`,
    'give the same module to this reduce: sluice reduce --fold FILE',
  );
}

function refuseUnmergeable({ expression, aggregate }: AggregateColumn): void {
  if (aggregate.fromResult) return;
  throw new SluiceError(
    'usage',
    `${expression} cannot be merged from its final values`,
    'let the reduce upstream write mergeable ones: add --partial there',
  );
}
