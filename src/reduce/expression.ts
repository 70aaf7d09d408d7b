// What a user types for aggregates and keys: `count`, `sum(bytes)`, `errors=count`, `--by path,status`,
// `--by 'status=$9'` → names, fields and aggregates. An unnamed column is called as it was typed.
import { SluiceError } from '../errors.ts';
import type { Aggregate } from './aggregates/aggregate.ts';
import { aggregates, findAggregate } from './aggregates/registry.ts';
import { compileField, type Field } from './field.ts';

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
  readonly aggregate: Aggregate<unknown>;
  /** Undefined for `count`, which needs no value. */
  readonly field: Field | undefined;
  readonly fieldName: string | undefined;
  /** True where the field is a column of text, whose numbers have to be recognised. */
  readonly isColumn: boolean;
  /** True for a --fold: it takes whole records, may refuse one, and a result that is an object becomes columns. */
  readonly isFold?: boolean;
};

/** Whether a column of rows reduced upstream came from a --fold. */
export function isFoldExpression(expression: string): boolean {
  return expression.startsWith('fold(');
}

export function parseAggregate(text: string): AggregateColumn {
  const [, name, expression = ''] = /^(?:([^=()]+)=)?([^=].*)$/.exec(text) ?? [];
  return aggregateColumn(name ?? expression, expression);
}

/** The column `name` for an expression such as `avg(ms)`. Throws SluiceError('usage'). */
export function aggregateColumn(name: string, expression: string): AggregateColumn {
  const [, functionName, argument] = /^([^()]+)(?:\((.+)\))?$/.exec(expression) ?? [];
  if (functionName === undefined)
    throw new SluiceError(
      'usage',
      `'${name}' is no aggregate`,
      'write it like count, sum(bytes) or errors=count',
    );
  const aggregate = findAggregate(functionName);
  if (!aggregate) {
    const known = aggregates.map((candidate) => candidate.name).join(', ');
    throw new SluiceError('usage', `there is no aggregate '${functionName}'`, `there are: ${known}`);
  }
  if (!argument && aggregate.argument !== 'none') {
    throw new SluiceError('usage', `${functionName} needs a field`, `write it like ${functionName}(bytes)`);
  }
  const isColumn = /^\$\d+$/.test(argument ?? '');
  const field = argument ? compileField(argument) : undefined;
  return { name, expression, aggregate, field, fieldName: argument, isColumn };
}

/** `--by a,b --by c` → one column each. */
export function parseKeys(texts: readonly string[]): KeyColumn[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const [, name, field = ''] = /^(?:([^=]+)=)?(.*)$/.exec(text) ?? [];
      if (field === '')
        throw new SluiceError(
          'usage',
          `--by '${text}' names no field`,
          'write it like --by status, --by path,status or --by user=$3',
        );
      return { name: name ?? field, field: compileField(field), fieldName: field };
    });
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
