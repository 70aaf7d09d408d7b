// Keys of any kind with any aggregates: records are decoded and folded one by one.
import type { Envelope, Reduced } from '../envelope/envelope.ts';
import { stringifyJson, type Json } from '../envelope/json.ts';
import { decodeRecords } from '../envelope/records.ts';
import type { Rejects } from '../stage/rejects.ts';
import { foldFor, placeOf, type Fold } from './fold.ts';
import { Groups } from './groups.ts';
import type { ReducePlan } from './plan.ts';
import type { Rows, RowSettings, RowTable } from './row-table.ts';

export class GroupTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #fold: Fold;
  readonly #groups: Groups;

  constructor(plan: ReducePlan, upstream: Reduced | undefined) {
    this.#plan = plan;
    this.#fold = foldFor(plan, upstream);
    this.#groups = new Groups(plan.columns.map(({ aggregate }) => aggregate));
    // Without keys there is one row in any case: the count of nothing is 0.
    if (plan.keys.length === 0) this.#groups.of([]);
  }

  fold(envelope: Envelope, rejects: Rejects): void {
    for (const [index, record] of decodeRecords(envelope).entries()) {
      const reason = this.#fold(record, this.#groups);
      if (reason !== undefined) rejects.reject(record, placeOf(envelope.header, index), reason);
    }
  }

  /** Adds states that were kept elsewhere, one for each column of the plan. */
  mergeStates(key: readonly Json[], states: readonly unknown[]): void {
    this.#groups.mergeStates(key, states);
  }

  merge(other: RowTable): void {
    if (!(other instanceof GroupTable)) throw new TypeError('tables of two kinds cannot be merged');
    this.#groups.merge(other.#groups);
  }

  *rows(settings: RowSettings): Generator<Rows> {
    const { partSize } = settings;
    const encode = rowEncoder(this.#plan, settings);
    let rows: string[] = [];
    let length = 0;
    for (const { key, states } of this.#groups.sorted()) {
      const row = encode(key, states);
      if (rows.length > 0 && length + row.length > partSize) {
        yield { payload: Buffer.from(rows.join(',')), count: rows.length };
        rows = [];
        length = 0;
      }
      rows.push(row);
      length += row.length + 1;
    }
    if (rows.length > 0) yield { payload: Buffer.from(rows.join(',')), count: rows.length };
  }

  free(): void {
    // Nothing is held outside JavaScript's own memory.
  }
}

type RowEncoder = (key: readonly Json[], states: readonly unknown[]) => string;

/** A row is written by hand: the constant fragments once, and no object that a key such as `__proto__` could meddle with. */
function rowEncoder({ keys, columns, reduced }: ReducePlan, { interval, caveats }: RowSettings): RowEncoder {
  const names = [...keys, ...columns].map(
    ({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  );
  return (key, states) => {
    let row = '';
    for (const [index, value] of key.entries()) row += names[index] + stringifyJson(value);
    for (const [index, { aggregate, expression }] of columns.entries()) {
      const state = states[index];
      const value = reduced.partial ? aggregate.encode(state) : aggregate.result(state, interval);
      const caveat = reduced.partial ? undefined : aggregate.caveat?.(state);
      if (caveat !== undefined) caveats.add(`${expression} ${caveat}`);
      row += names[keys.length + index] + stringifyJson(value);
    }
    return `${row}}`;
  };
}
