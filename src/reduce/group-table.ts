// Keys of any kind with any aggregates: records are decoded and folded one by one.
import type { Envelope, Reduced } from '../envelope/envelope.ts';
import { stringifyJson, type Json } from '../envelope/json.ts';
import { decodeRecords } from '../envelope/records.ts';
import type { Rejects } from '../stage/rejects.ts';
import { foldFor, placeOf, statesFromRow, type Fold } from './fold.ts';
import { Groups } from './groups.ts';
import { splitOverflow } from './overflow.ts';
import type { ReducePlan } from './plan.ts';
import type { Rows, RowTable } from './row-table.ts';

export class GroupTable implements RowTable {
  readonly #plan: ReducePlan;
  readonly #upstream: Reduced | undefined;
  readonly #fold: Fold;
  readonly #groups: Groups;

  constructor(plan: ReducePlan, upstream: Reduced | undefined) {
    this.#plan = plan;
    this.#fold = foldFor(plan, upstream);
    this.#upstream = upstream;
    this.#groups = new Groups(
      plan.columns.map(({ aggregate }) => aggregate),
      plan.maxKeys,
    );
    // Without keys there is one row in any case: the count of nothing is 0.
    if (plan.keys.length === 0) this.#groups.of([], 0);
  }

  fold(part: Envelope, rejects: Rejects): void {
    const { rest, overflow } = this.#plan.takes === 'rows' ? splitOverflow(part) : { rest: part };
    for (const [index, record] of decodeRecords(rest).entries()) {
      const reason = this.#fold(record, this.#groups);
      if (reason !== undefined) rejects.reject(record, placeOf(part.header, index), reason);
    }
    if (!overflow) return;
    const states = statesFromRow(this.#plan, overflow.row, this.#upstream?.partial);
    if (typeof states === 'string')
      rejects.reject(overflow.row, placeOf(part.header, overflow.index), states);
    else this.mergeOverflow({ states, records: overflow.records });
  }

  /** Adds states that were kept elsewhere, one for each column of the plan. */
  mergeStates(key: readonly Json[], states: readonly unknown[], records: number): void {
    this.#groups.mergeStates(key, states, records);
  }

  /** Adds what stands for keys that were beyond a bound elsewhere. */
  mergeOverflow({ states, records }: { states: readonly unknown[]; records: number }): void {
    this.#groups.mergeOverflow({ key: this.#plan.keys.map(() => null), states: [...states], records });
  }

  merge(other: RowTable): void {
    if (!(other instanceof GroupTable)) throw new TypeError('tables of two kinds cannot be merged');
    this.#groups.merge(other.#groups);
  }

  *rows(partSize: number): Generator<Rows> {
    const encode = rowEncoder(this.#plan);
    const { overflow } = this.#groups;
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
    if (rows.length === 0) return;
    const last = { payload: Buffer.from(rows.join(',')), count: rows.length };
    yield overflow ? { ...last, overflow: overflow.records } : last;
  }

  free(): void {
    // Nothing is held outside JavaScript's own memory.
  }
}

type RowEncoder = (key: readonly Json[], states: readonly unknown[]) => string;

/** A row is written by hand: the constant fragments once, and no object that a key such as `__proto__` could meddle with. */
function rowEncoder({ keys, columns, reduced }: ReducePlan): RowEncoder {
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
