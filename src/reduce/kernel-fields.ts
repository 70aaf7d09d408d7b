// Which reductions the kernel can do from bytes: keys and numbers that are columns of text, or top-level members of
// JSON objects, with the aggregates whose states the kernel keeps.
import { parseJson, type Json } from '../envelope/json.ts';
import type { Columns, Fields, Group as KernelGroup, GroupValue, Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import type { Group } from './groups.ts';
import type { ReducePlan } from './plan.ts';

/** What the kernel is told; of `text` and `json` the one that the field names stand for. */
export type KernelFields = {
  readonly text?: Columns;
  readonly json?: Fields;
  /** For each column of the plan the kernel's value that it needs; −1 for a bare count. */
  readonly values: readonly number[];
  readonly valueCount: number;
  /** Least or greatest values are asked for: what a subtraction does not keep. */
  readonly hasExtremes: boolean;
};

/** Of text, which min and max take as well, the kernel says that it is no number. */
const kernelAggregates = new Set(['count', 'sum', 'avg', 'min', 'max', 'rate']);
/** The kernel looks for so many members at the most. */
const mostMembers = 8;

/** Undefined where records have to be decoded one by one. */
export function kernelFieldsOf({ takes, keys, columns }: ReducePlan): KernelFields | undefined {
  if (takes !== 'fields') return undefined;
  const known = columns.every(
    ({ aggregate, fieldName, conditions }) =>
      kernelAggregates.has(aggregate.name) &&
      conditions.length === 0 &&
      // Of a field with text the kernel has no count.
      !(aggregate.name === 'count' && fieldName !== undefined),
  );
  if (!known) return undefined;
  const keyNames = keys.map(({ fieldName = '' }) => fieldName);
  const valueNames = [...new Set(columns.flatMap(({ fieldName }) => fieldName ?? []))];
  const values = columns.map(({ fieldName }) =>
    fieldName === undefined ? -1 : valueNames.indexOf(fieldName),
  );
  const hasExtremes = columns.some(({ aggregate }) => aggregate.name === 'min' || aggregate.name === 'max');
  const shared = { values, valueCount: valueNames.length, hasExtremes };
  const names = [...keyNames, ...valueNames];
  if (names.length === 0) return undefined;
  if (names.every(isTextColumn)) {
    if (keyNames.length > 1) return undefined;
    return {
      ...shared,
      text: { key: columnNumber(keyNames[0] ?? '$0'), values: valueNames.map(columnNumber) },
    };
  }
  const isPlain = names.every((name) => !name.includes('.') && !name.startsWith('$'));
  if (!isPlain || new Set(names).size > mostMembers) return undefined;
  return { ...shared, json: { groups: keyNames, values: valueNames } };
}

/** `$1` and up; `$0` is the whole record. */
function isTextColumn(name: string): boolean {
  return /^\$[1-9]\d{0,5}$/.test(name);
}

function columnNumber(name: string): number {
  return Number(name.slice(1));
}

/**
 * Adds the records of one payload, or of raw lines, to `table`. False where something is not plain, such as a value
 * that is no number or an integer beyond 2^53; the table is of no use then.
 */
export function addFields(
  table: Table,
  fields: KernelFields,
  input: Uint8Array,
  layout: 'lines' | 'array',
): boolean {
  processKernel().takeRounded();
  const { fault, notNumbers } = tally(table, fields, input, layout);
  return !fault && notNumbers === 0 && !processKernel().takeRounded();
}

function tally(
  table: Table,
  { text, json }: KernelFields,
  input: Uint8Array,
  layout: 'lines' | 'array',
): ReturnType<Table['addObjects']> {
  if (json) return table.addObjects(input, json, layout);
  const columns = text as Columns;
  return layout === 'lines' ? table.addLines(input, columns) : table.addStrings(input, columns);
}

/** Everything in `table`, as groups of the plan. */
export function* groupsOf(table: Table, fields: KernelFields, plan: ReducePlan): Generator<Group> {
  for (let index = 0; index < table.size; index += 1) {
    const group = table.group(index);
    yield { key: keyOf(group, fields), states: statesOf(group, fields, plan) };
  }
}

function keyOf({ key }: KernelGroup, { text, json }: KernelFields): Json[] {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8');
  if (json) return json.groups.length === 0 ? [] : bytes.split('\0').map(parseJson);
  if (text?.key === 0) return [];
  // A column that is missing, or the dash that stands for one, is no value.
  return [bytes === '' || bytes === '-' ? null : bytes];
}

function statesOf({ count, values }: KernelGroup, fields: KernelFields, { columns }: ReducePlan): unknown[] {
  return columns.map(({ aggregate }, index) => {
    const value = values[fields.values[index] ?? -1];
    return value ? stateOf(aggregate.name, value) : count;
  });
}

function stateOf(name: string, { count, sum, lost, least, greatest }: GroupValue): unknown {
  if (name === 'min') return count === 0 ? null : least;
  if (name === 'max') return count === 0 ? null : greatest;
  const total = { sum, compensation: lost };
  return name === 'avg' ? { total, count } : total;
}
