// Groups → rows → parts. A row is written by hand: the constant fragments once, and no object that a key such as
// `__proto__` could meddle with.
import type { Envelope, Header, Interval } from '../envelope/envelope.ts';
import { stringifyJson } from '../envelope/json.ts';
import type { Groups } from './groups.ts';
import type { ReducePlan } from './plan.ts';

/** The rows of one table, and the window they are of. */
export type Table = { readonly groups: Groups; readonly window?: Interval };

/** All tables as the parts of one batch, the last one marked; an empty table is a part too. */
export function* partsOf(
  tables: readonly Table[],
  plan: ReducePlan,
  header: Omit<Header, 'n'>,
  partSize: number,
): Generator<Envelope> {
  let part = 0;
  let ready: Envelope | undefined;
  const { closed, ...shared } = header;
  const place = (envelope: Envelope, last: boolean): Envelope => {
    const ownHeader = { ...envelope.header, ...(last && closed && { closed }) };
    return { ...envelope, header: { ...shared, part: part++, last, ...ownHeader } };
  };
  for (const { groups, window } of tables) {
    for (const rows of chunksOf(groups, plan, partSize)) {
      if (ready) yield place(ready, false);
      ready = {
        header: { n: rows.length, reduced: plan.reduced, ...(window && { window }) },
        payload: Buffer.from(rows.join(',')),
      };
    }
  }
  yield place(ready ?? { header: { n: 0, reduced: plan.reduced }, payload: Buffer.alloc(0) }, true);
}

function* chunksOf(groups: Groups, plan: ReducePlan, partSize: number): Generator<string[]> {
  const encode = rowEncoder(plan);
  let rows: string[] = [];
  let length = 0;
  for (const { key, states } of groups.sorted()) {
    const row = encode(key, states);
    if (rows.length > 0 && length + row.length > partSize) {
      yield rows;
      rows = [];
      length = 0;
    }
    rows.push(row);
    length += row.length + 1;
  }
  yield rows;
}

function rowEncoder({
  keys,
  columns,
  reduced,
}: ReducePlan): (key: readonly Parameters<typeof stringifyJson>[0][], states: readonly unknown[]) => string {
  const names = [...keys, ...columns].map(
    ({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  );
  return (key, states) => {
    let row = '';
    for (const [index, value] of key.entries()) row += names[index] + stringifyJson(value);
    for (const [index, { aggregate }] of columns.entries()) {
      const value = reduced.partial ? aggregate.encode(states[index]) : aggregate.result(states[index]);
      row += names[keys.length + index] + stringifyJson(value);
    }
    return `${row}}`;
  };
}
