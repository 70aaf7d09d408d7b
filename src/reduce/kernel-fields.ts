// Which reductions the kernel can do from bytes: keys and numbers that are columns of text, or top-level members of
// JSON objects, with the aggregates whose states the kernel keeps.
import type { Columns, Fields, Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import type { ListedAggregate, ListedStates } from './listed-states.ts';
import type { Numbers } from './numbers.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import type { ReducePlan } from './plan.ts';

/** What the kernel is told; of `text` and `json` the one that the field names stand for. */
export type KernelFields = {
  readonly text?: Columns;
  readonly json?: Fields;
  /** For each column of the plan the kernel's value that it needs; −1 for a bare count. */
  readonly values: readonly number[];
  /** How many values the kernel adds up; those behind them are only listed. */
  readonly keptCount: number;
  readonly valueCount: number;
  /** Least or greatest values are asked for: what a subtraction does not keep. */
  readonly hasExtremes: boolean;
  /** The values whose numbers are kept one by one, for results that are told by ranks. */
  readonly ranked: readonly number[];
  /** What is folded here, from numbers that the kernel lists, and for which columns of the plan. */
  readonly listed: readonly (ListedAggregate & { readonly column: number })[];
};

/** Of text, which min and max take as well, the kernel says that it is no number. */
const kernelAggregates = new Set(['count', 'sum', 'avg', 'min', 'max', 'rate']);
/** The kernel looks for so many members at the most. */
const mostMembers = 8;
/** And lists no values beyond these. */
const mostValues = 32;

/**
 * Undefined where records have to be decoded one by one. So they are with a bound on keys: it holds for what the kernel
 * reads and for what it leaves together, which only one table can tell.
 */
export function kernelFieldsOf({ takes, keys, columns, maxKeys }: ReducePlan): KernelFields | undefined {
  if (takes !== 'fields' || maxKeys !== undefined) return undefined;
  const known = columns.every(
    ({ aggregate, fieldName, conditions }) =>
      (kernelAggregates.has(aggregate.name) || aggregate.takes === 'number') &&
      conditions.length === 0 &&
      // Of a field with text the kernel has no count.
      !(aggregate.name === 'count' && fieldName !== undefined),
  );
  if (!known) return undefined;
  const keyNames = keys.map(({ fieldName = '' }) => fieldName);
  const namesWhere = (holds: (aggregate: AnyAggregate) => unknown): string[] => [
    ...new Set(columns.flatMap(({ aggregate, fieldName = [] }) => (holds(aggregate) ? fieldName : []))),
  ];
  const kept = namesWhere(({ name }) => kernelAggregates.has(name));
  const valueNames = [...new Set([...kept, ...namesWhere(() => true)])];
  const values = columns.map(({ fieldName }) =>
    fieldName === undefined ? -1 : valueNames.indexOf(fieldName),
  );
  if (valueNames.length > mostValues) return undefined;
  const listed = columns.flatMap(({ aggregate, expression }, column) =>
    kernelAggregates.has(aggregate.name) || aggregate.ofRanks
      ? []
      : { expression, value: values[column] as number, column },
  );
  const ranked = namesWhere(({ ofRanks }) => ofRanks).map((name) => valueNames.indexOf(name));
  const hasExtremes = columns.some(({ aggregate }) => aggregate.name === 'min' || aggregate.name === 'max');
  const shared = {
    values,
    keptCount: kept.length,
    valueCount: valueNames.length,
    hasExtremes,
    ranked,
    listed,
  };
  const names = [...keyNames, ...valueNames];
  if (names.length === 0) return undefined;
  if (names.every(isTextColumn)) {
    if (keyNames.length > 1) return undefined;
    return {
      ...shared,
      text: { key: columnNumber(keyNames[0] ?? '$0'), values: valueNames.map(columnNumber) },
    };
  }
  if (!areMembers(names)) return undefined;
  return { ...shared, json: { groups: keyNames, values: valueNames } };
}

/** Whether the kernel can look for all of these: top-level members, and not too many. */
export function areMembers(names: readonly string[]): boolean {
  const isTopLevel = names.every((name) => !name.includes('.') && !name.startsWith('$'));
  return isTopLevel && new Set(names).size <= mostMembers;
}

/** `$1` and up; `$0` is the whole record. */
function isTextColumn(name: string): boolean {
  return /^\$[1-9]\d{0,5}$/.test(name);
}

function columnNumber(name: string): number {
  return Number(name.slice(1));
}

export function newTable({ keptCount, valueCount, hasExtremes, ranked, listed }: KernelFields): Table {
  const values = [...ranked, ...listed.map(({ value }) => value)];
  return processKernel().createTable({ values: keptCount, read: valueCount, hasExtremes, listed: values });
}

/**
 * Adds the records of one payload, or of raw lines, to `table`. False where something is not plain, such as a value
 * that is no number or an integer beyond 2^53; the table is of no use then.
 */
export function addFields(
  table: Table,
  beside: { readonly listed: ListedStates; readonly numbers: readonly Numbers[] },
  fields: KernelFields,
  input: Uint8Array,
  layout: 'lines' | 'array',
): boolean {
  processKernel().takeRounded();
  const { fault, notNumbers } = tally(table, fields, input, layout);
  if (fault || notNumbers > 0 || processKernel().takeRounded()) return false;
  beside.listed.take(table);
  takeNumbers(table, beside.numbers, fields);
  return true;
}

function takeNumbers(table: Table, numbers: readonly Numbers[], { ranked }: KernelFields): void {
  if (ranked.length === 0) return;
  const numbersOf: (Numbers | undefined)[] = [];
  for (const [index, value] of ranked.entries()) numbersOf[value] = numbers[index];
  table.forEachListed((group, value, number) => numbersOf[value]?.add(group, number));
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
