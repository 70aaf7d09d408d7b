// What a user types for aggregates and keys: `count`, `sum(bytes)`, `slow=avg(ms) if path=/api`, `--by path,status`,
// `--by 'status=$9'` → names, fields and aggregates. An unnamed column is called as it was typed.
import { SluiceError } from '../errors.ts';
import { closest } from '../command/suggest.ts';
import { compileField, type Field } from '../record/field.ts';
import type { AggregateKind, AnyAggregate } from './aggregates/aggregate.ts';
import { aggregateKinds, findAggregateKind } from './aggregates/registry.ts';
import { namedFields } from '../record/named-fields.ts';
import { compileCondition, mayTakeLong, type Condition } from '../record/condition.ts';

export type KeyColumn = {
  readonly name: string;
  readonly field: Field;
  /** The field as it was typed; undefined for what is not read from a record's field. */
  readonly fieldName?: string;
};

export type AggregateColumn = {
  readonly name: string;
  /** The expression without its name, as it goes into the envelope: `avg(ms)`. */
  readonly expression: string;
  readonly aggregate: AnyAggregate;
  /** Undefined for a bare `count`, which needs no value. */
  readonly field: Field | undefined;
  readonly fieldName: string | undefined;
  /** True where the field is a column of text, whose numbers have to be recognised. */
  readonly isColumn: boolean;
  /** Only records for which all of these hold. */
  readonly conditions: readonly Condition[];
  /** One of them has a pattern that needs a time limit. */
  readonly mayTakeLong?: boolean;
  /** True for a --fold: it takes whole records, may refuse one, and a result that is an object becomes columns. */
  readonly isFold?: boolean;
  /** Where states cannot be put together: whether results can, so that the records of a key may be divided. */
  readonly splits?: 'results' | 'never';
};

/** A name ends at `=`; in `count if status=200` there is none. */
const named = /^\s*((?:(?!\sif\s)[^=()])+?)\s*=\s*([^=].*)$/s;
/** `n*2`, `a - b`: no field is called so, and none that is missing should count for it. */
const arithmetic = /\*|\s[-+/]\s/;

/** What aggregates are called elsewhere. */
const namesElsewhere: Readonly<Record<string, string>> = {
  average: 'avg',
  mean: 'avg',
  total: 'sum',
  n: 'count',
  uniq: 'distinct',
  unique: 'distinct',
  nunique: 'distinct',
  count_distinct: 'distinct',
  percentile: 'p99',
  quantile: 'p99',
  std: 'stddev',
  stdev: 'stddev',
  variance: 'var',
  topk: 'top',
  list: 'collect',
  array_agg: 'collect',
};

/** Whether a column of rows reduced upstream came from a --fold. */
export function isFoldExpression(expression: string): boolean {
  return expression.startsWith('fold(');
}

export function parseAggregate(text: string): AggregateColumn {
  const [, name, expression = text] = named.exec(text) ?? [];
  return aggregateColumn(name ?? expression, expression);
}

/** The column `name` for an expression such as `avg(ms)`. Throws SluiceError('usage'). */
export function aggregateColumn(name: string, expression: string): AggregateColumn {
  const { functionName, argument, condition } = takeApart(expression);
  const kind = findAggregateKind(functionName);
  if (!kind) throw unknownAggregate(functionName);
  const call = kind.call(argument, functionName);
  if (!call) throw wrongArgument(kind, expression, argument);
  const { aggregate, fieldName, test } = call;
  if (fieldName !== undefined && arithmetic.test(fieldName))
    throw new SluiceError(
      'usage',
      `'${expression}' is arithmetic, and ${kind.name} takes a field`,
      "work it out ahead: sluice map --map 'r => ({ ...r, twice: 2 * r.n })'",
    );
  const texts = [call.condition, condition].filter((text) => text !== undefined);
  return {
    name,
    expression,
    aggregate,
    field: test === undefined ? fieldOf(fieldName) : compileCondition(test),
    fieldName,
    isColumn: /^\$\d+$/.test(fieldName ?? ''),
    conditions: texts.map(compileCondition),
    mayTakeLong: [...texts, test].some((text) => text !== undefined && mayTakeLong(text)),
  };
}

function fieldOf(name: string | undefined): Field | undefined {
  return name === undefined ? undefined : compileField(name);
}

type Parts = { functionName: string; argument?: string; condition?: string };

/** `avg(ms) if path=/api` → what is called, with what, and for which records. */
function takeApart(expression: string): Parts {
  const functionName = /^[^()\s]*/.exec(expression)?.[0] ?? '';
  const start = functionName.length;
  const end = expression[start] === '(' ? bracketEnd(expression, start) : start;
  const [, condition] = /^(?:\s+if\s+(.*\S)\s*)?$/s.exec(expression.slice(end)) ?? [undefined, null];
  const argument = end > start ? expression.slice(start + 1, end - 1) : undefined;
  if (start === 0 || condition === null || argument === '')
    throw new SluiceError(
      'usage',
      `'${expression}' is no aggregate`,
      "write it like count, sum(bytes), errors=count(status>=500) or 'avg(ms) if status<400'",
    );
  return {
    functionName,
    ...(argument !== undefined && { argument }),
    ...(condition !== undefined && { condition }),
  };
}

/** Where the bracket that opens at `open` has been closed; `open` where it never is. Text in quotes does not count. */
function bracketEnd(text: string, open: number): number {
  let depth = 0;
  for (const { 0: token, index } of text.slice(open).matchAll(/"(?:[^"\\]|\\.)*"|\\.|[()]/gs)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    if (depth === 0) return open + index + 1;
  }
  return open;
}

function unknownAggregate(functionName: string): SluiceError {
  const names = aggregateKinds.map(({ name }) => name);
  const typed = functionName.toLowerCase();
  const near = Object.hasOwn(namesElsewhere, typed) ? namesElsewhere[typed] : closest(typed, names);
  const hint = `${near === undefined ? '' : `did you mean '${near}'? `}there are: ${names.join(', ')}`;
  return new SluiceError('usage', `there is no aggregate '${functionName}'`, hint);
}

function wrongArgument(kind: AggregateKind, expression: string, argument: string | undefined): SluiceError {
  const message =
    argument === undefined
      ? `${expression} needs a field`
      : `'${expression}' is not written like ${kind.usage}`;
  return new SluiceError('usage', message, `write it like ${kind.example}`);
}

/** `--by a,b --by c` → one column each. */
export function parseKeys(texts: readonly string[]): KeyColumn[] {
  return namedFields('by', texts);
}

export function refuseDuplicates(names: readonly string[]): void {
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate === undefined) return;
  throw new SluiceError(
    'usage',
    `two columns are called '${duplicate}'`,
    `give one of them another name: NAME=${duplicate}`,
  );
}
