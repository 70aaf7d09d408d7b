// What the kernel has added up, as groups of a plan.
import { parseJson, type Json } from '../envelope/json.ts';
import type { Group as KernelGroup, GroupValue, Table } from '../kernel/kernel.ts';
import type { Group } from './groups.ts';
import type { KernelFields } from './kernel-fields.ts';
import type { StatesByKey } from './listed-states.ts';
import type { Numbers, RankedColumn } from './numbers.ts';
import type { ReducePlan } from './plan.ts';

/** Everything in `table`, as groups of the plan. */
export function* groupsOf(
  table: Table,
  listedStates: StatesByKey,
  numbers: readonly Pick<Numbers, 'states'>[],
  fields: KernelFields,
  plan: ReducePlan,
): Generator<Group> {
  const ranked = rankedColumns(fields, plan);
  const sketches = numbers.map((each) => each.states(table.size));
  for (let index = 0; index < table.size; index += 1) {
    const group = table.group(index);
    // Subtracted, and not removed yet.
    if (group.count === 0) continue;
    const states = statesOf(group, fields, plan);
    const listed = listedStates.get(table.keyText(index));
    for (const [at, { column }] of fields.listed.entries()) {
      states[column] = listed?.[at] ?? plan.columns[column]?.aggregate.init();
    }
    for (const { column, list } of ranked) states[column] = sketches[list]?.[index];
    yield { key: keyOf(group, fields), states, records: group.count };
  }
}

/** The columns whose results are told by ranks, in their order, and in which list the numbers are. */
export function rankedColumns(
  { values, ranked }: KernelFields,
  { columns }: ReducePlan,
): (RankedColumn & { readonly column: number; readonly list: number })[] {
  let place = 0;
  return columns.flatMap(({ aggregate: { ofRanks } }, column) =>
    ofRanks ? { column, list: ranked.indexOf(values[column] ?? -1), place: place++, ofRanks } : [],
  );
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
