// --fold: an aggregate that a user wrote, as a JavaScript module with the functions init, add, merge and result. Without a merge all
// records of a key are folded one after another, unless there is a combine, which puts results together.
import { basename, extname } from 'node:path';
import type { Json } from '../envelope/json.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { jsonFault } from '../user-code/json-fault.ts';
import { loadModule } from '../user-code/module.ts';
import type { Aggregate } from './aggregates/aggregate.ts';
import type { AggregateColumn } from './expression.ts';

type Fold = {
  readonly init: () => unknown;
  readonly add: (state: unknown, record: Json) => unknown;
  readonly result: (state: unknown) => unknown;
  readonly merge?: (state: unknown, other: unknown) => unknown;
  readonly subtract?: (state: unknown, other: unknown) => unknown;
  readonly combine?: (result: unknown, other: unknown) => unknown;
};

const required = ['init', 'add', 'result'] as const;
const optional = ['merge', 'subtract', 'combine'] as const;
const shape =
  'it has to export the functions init, add and result, and may export merge and subtract, or combine';

/** The column of a fold; it is named after its file. Throws SluiceError for a module that is missing or no fold. */
export async function loadFold(path: string): Promise<AggregateColumn> {
  const fold = checked(path, await loadModule(path, `--fold takes a JavaScript module: ${shape}`));
  return {
    name: basename(path, extname(path)),
    expression: `fold(${path})`,
    aggregate: fold.merge ? mergedAggregate(path, fold, fold.merge) : wholeAggregate(path, fold),
    field: (record) => record,
    fieldName: undefined,
    isColumn: false,
    conditions: [],
    isFold: true,
    ...(!fold.merge && { splits: fold.combine ? 'results' : 'never' }),
  };
}

function checked(path: string, module: Record<string, unknown>): Fold {
  for (const name of [...required, ...optional]) {
    const value = module[name];
    const isOptional = optional.some((other) => other === name);
    if (typeof value === 'function' || (value === undefined && isOptional)) continue;
    const problem =
      value === undefined
        ? `${path} exports no ${name}`
        : `${path} exports ${name}, but as ${typeof value} and not as a function`;
    throw new SluiceError('usage', problem, shape);
  }
  return module as Fold;
}

type Merge = NonNullable<Fold['merge']>;

function mergedAggregate(path: string, fold: Fold, merge: Merge): Aggregate<unknown> {
  return {
    ...foldingOf(path, fold),
    // A merge may return what it was given, and later change it; what was given belongs to another table.
    merge: (state, other) => returned(path, 'merge', () => merge(state, copyOf(other))),
    result: (state) => resultOf(path, fold, state),
    encode: (state) => asJson(path, 'state', state),
    decode: (json) => json,
    ...(fold.subtract && {
      subtract: (state: unknown, other: unknown) =>
        attempted(path, 'subtract', () => fold.subtract?.(state, copyOf(other))),
    }),
  };
}

/** A state that cannot be put together with another one, and so may be anything; what is handed on of it is its result. */
class Result {
  readonly value: Json;

  constructor(value: Json) {
    this.value = value;
  }
}

function wholeAggregate(path: string, fold: Fold): Aggregate<unknown> {
  const valueOf = (state: unknown): Json =>
    state instanceof Result ? state.value : resultOf(path, fold, state);
  const { combine } = fold;
  return {
    ...foldingOf(path, fold),
    merge(state, other) {
      if (!combine)
        throw new SluiceError(
          'usage',
          `${path} exports neither merge nor combine, and here several states of a key have to become one`,
          'it is for batches; windows, totals and sessions need merge(state, other), or combine(result, other)',
        );
      const [one, two] = [valueOf(state), valueOf(other)];
      const combined = returned(path, 'combine', () => combine(copyOf(one), copyOf(two)));
      return new Result(asJson(path, 'result', combined));
    },
    result: valueOf,
    encode: valueOf,
    decode: (json) => new Result(json),
  };
}

function foldingOf(path: string, fold: Fold): Pick<Aggregate<unknown>, 'name' | 'takes' | 'init' | 'add'> {
  return {
    name: 'fold',
    takes: 'anything',
    init: () => returned(path, 'init', fold.init),
    // What it throws is about a record, and whoever folds records knows which.
    add: (state, record) => given('add', fold.add(state, record)),
  };
}

function resultOf(path: string, fold: Fold, state: unknown): Json {
  const result = returned(path, 'result', () => fold.result(fold.merge ? copyOf(state) : state));
  return asJson(path, 'result', result);
}

function copyOf(state: unknown): unknown {
  return typeof state === 'object' && state !== null ? structuredClone(state) : state;
}

function given(name: string, value: unknown): unknown {
  if (value === undefined) throw new TypeError(`${name} returned nothing; it has to return the state`);
  return value;
}

function returned(path: string, name: string, call: () => unknown): unknown {
  return attempted(path, name, () => given(name, call()));
}

function attempted(path: string, name: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    throw new SluiceError('badData', `${path}: ${name} failed: ${messageOf(error)}`, undefined, error);
  }
}

function asJson(path: string, what: string, value: unknown): Json {
  const fault = jsonFault(value);
  if (fault === undefined) return value as Json;
  throw new SluiceError(
    'badData',
    `${path}: the ${what} is no JSON: ${fault}`,
    'numbers, text, true, false, null, lists and plain objects can be written; Maps, Sets and Dates have to be turned into them',
  );
}
