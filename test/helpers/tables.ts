// Joins with tables as tests make them.
import { stringifyJson, type Json } from '../../src/envelope/json.ts';
import { keyFields } from '../../src/join/key.ts';
import { TableBuilder, type Table, type TablePlan } from '../../src/join/table/table.ts';
import { TableJoinCore, type TableJoinPlan } from '../../src/join/table/table-join.ts';
import { failOnReject, type Rejects } from '../../src/stage/rejects.ts';

type TableOptions = Partial<Omit<TablePlan, 'keys'>> & {
  readonly keys?: readonly string[];
  readonly part?: number;
};

/** A table of these rows, which come so many at a time. */
export function tableOf(rows: readonly Json[], options: TableOptions = {}): Table {
  return tableOfTexts(rows.map(stringifyJson), options);
}

/** The same of rows as they are written. */
export function tableOfTexts(
  rows: readonly string[],
  { keys = ['k'], part = 3, ...plan }: TableOptions = {},
): Table {
  const whole = { name: 'the table', prefix: 'r_', holdsMembers: true, maxSize: 1e6, ...plan };
  const builder = new TableBuilder({ ...whole, keys: keyFields('on', keys) }, 100);
  for (let at = 0; at < rows.length; at += part) {
    const some = rows.slice(at, at + part);
    builder.add(Buffer.from(some.join(',')), some.length);
  }
  return builder.finish();
}

export function tableJoin(
  table: Table,
  type: TableJoinPlan['type'],
  {
    keys = ['k'],
    rejects = failOnReject,
    partSize = 1e6,
  }: { keys?: readonly string[]; rejects?: Rejects; partSize?: number } = {},
): TableJoinCore {
  const source = { table, refresh: () => undefined };
  return new TableJoinCore({ type, keys: keyFields('on', keys) }, source, { rejects, partSize });
}
