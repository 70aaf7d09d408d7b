// --fold: an aggregate that a user wrote, as a JavaScript module with the functions init, add, merge and result.
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
  readonly merge: (state: unknown, other: unknown) => unknown;
  readonly result: (state: unknown) => unknown;
  readonly subtract?: (state: unknown, other: unknown) => unknown;
};

const required = ['init', 'add', 'merge', 'result'] as const;
const shape = 'it has to export the functions init, add, merge and result, and may export subtract';

/** The column of a fold; it is named after its file. Throws SluiceError for a module that is missing or no fold. */
export async function loadFold(path: string): Promise<AggregateColumn> {
  const fold = checked(path, await loadModule(path, `--fold takes a JavaScript module: ${shape}`));
  return {
    name: basename(path, extname(path)),
    expression: `fold(${path})`,
    aggregate: aggregateFrom(path, fold),
    field: (record) => record,
    fieldName: undefined,
    isColumn: false,
    conditions: [],
    isFold: true,
  };
}

function checked(path: string, module: Record<string, unknown>): Fold {
  for (const name of [...required, 'subtract']) {
    const value = module[name];
    if (typeof value === 'function' || (value === undefined && name === 'subtract')) continue;
    const problem =
      value === undefined
        ? `${path} exports no ${name}`
        : `${path} exports ${name}, but as ${typeof value} and not as a function`;
    throw new SluiceError('usage', problem, shape);
  }
  return module as Fold;
}

function aggregateFrom(path: string, fold: Fold): Aggregate<unknown> {
  return {
    name: 'fold',
    takes: 'anything',
    init: () => returned(path, 'init', fold.init),
    // What it throws is about a record, and whoever folds records knows which.
    add: (state, record) => given('add', fold.add(state, record)),
    // A merge may return what it was given, and later change it; what was given belongs to another table.
    merge: (state, other) => returned(path, 'merge', () => fold.merge(state, copyOf(other))),
    result: (state) =>
      asJson(
        path,
        'result',
        returned(path, 'result', () => fold.result(copyOf(state))),
      ),
    encode: (state) => asJson(path, 'state', state),
    decode: (json) => json,
    ...(fold.subtract && {
      subtract: (state: unknown, other: unknown) =>
        attempted(path, 'subtract', () => fold.subtract?.(state, copyOf(other))),
    }),
  };
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
