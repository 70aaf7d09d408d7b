// Rows straight from a table of the kernel.
import { rowFormat, type Column } from '../kernel/format.ts';
import type { RowFormat, Table } from '../kernel/kernel.ts';
import type { KernelFields } from './kernel-fields.ts';
import type { ReducePlan } from './plan.ts';
import type { Rows } from './rows.ts';

/** All rows in the byte order of their keys, in pieces of about `partSize` bytes. */
export function* rowsOfTable(table: Table, format: RowFormat, partSize: number): Generator<Rows> {
  table.order();
  let row = 0;
  let capacity = partSize;
  let isDone = false;
  while (!isDone) {
    const { bytes, rows, next, done } = table.rows(format, row, capacity);
    if (rows === 0) capacity *= 2;
    else {
      const overflow = table.overflowed && done && { overflow: table.group(-1).count };
      yield { payload: Buffer.from(bytes), count: rows, ...overflow };
    }
    row = next;
    isDone = done;
  }
}

const cellKinds = { sum: 'total', avg: 'average', min: 'least', max: 'greatest', count: 'count' } as const;

/** The kernel keeps each format that it is given, so the tables of a plan share one. */
const formats = new WeakMap<ReducePlan, RowFormat>();

/** How the rows of a plan are written, or undefined where its columns hold more than the kernel can write. */
export function fieldFormat(plan: ReducePlan, { json, values }: KernelFields): RowFormat | undefined {
  const known = formats.get(plan);
  if (known) return known;
  const keys = plan.keys.map(({ name }, index): Column =>
    json ? { name, kind: 'part', index } : { name, kind: 'key' },
  );
  let results = 0;
  const columns = plan.columns.flatMap(({ name, aggregate }, index): Column[] => {
    if (aggregate.ofRanks) return [{ name, kind: 'result', index: results++ }];
    const kind = cellKinds[aggregate.name as keyof typeof cellKinds] as Column['kind'] | undefined;
    return kind ? [{ name, kind, index: Math.max(0, values[index] ?? 0) }] : [];
  });
  const isWhole = !plan.reduced.partial && columns.length === plan.columns.length;
  if (!isWhole || keys.length + columns.length > 64) return undefined;
  const format = rowFormat([...keys, ...columns]);
  formats.set(plan, format);
  return format;
}
