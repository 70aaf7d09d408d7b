// What the newest tables say of each key, for bars, sparklines and charts.
import type { Json } from '../envelope/json.ts';
import { cellText, membersOf } from '../emit/formats/cells.ts';
import type { TableHead } from '../emit/formats/format.ts';

type Members = readonly (readonly [string, Json])[];

/** Which columns name a row, and which one is drawn. */
export type ChartColumns = { readonly keys: readonly string[]; readonly value: string };

/** A row with its place in the history. */
export type KeyedRow = {
  readonly text: string;
  readonly members: Members;
  readonly key: string;
  /** Undefined where it is no number. */
  readonly value: number | undefined;
};

/** So many tables are looked back on, and so many keys are kept. */
export const mostTables = 240;
const mostKeys = 2000;

/** Undefined where the rows have nothing to draw. `preferred` is drawn where it is a number. */
export function chartColumns(
  { reduced }: TableHead,
  rows: readonly Members[],
  preferred?: string,
): ChartColumns | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const isNumeric = (name: string): boolean =>
    rows.some((row) => row.some(([column, value]) => column === name && toNumber(value) !== undefined));
  const names = first.map(([name]) => name);
  const keys =
    reduced && Object.keys(reduced.aggregates).length > 0
      ? reduced.keys
      : names.filter((name) => !isNumeric(name));
  const values = names.filter((name) => !keys.includes(name) && isNumeric(name));
  const value = preferred !== undefined && values.includes(preferred) ? preferred : values[0];
  return value === undefined ? undefined : { keys, value };
}

export class History {
  /** Of each key its values, the oldest table first; shorter where it is new. */
  readonly #values = new Map<string, (number | undefined)[]>();
  readonly #heads: TableHead[] = [];
  #columns: ChartColumns | undefined;

  get columns(): ChartColumns | undefined {
    return this.#columns;
  }

  /** The newest last. */
  get heads(): readonly TableHead[] {
    return this.#heads;
  }

  /** Takes a table in; resolves its rows. A window that is told again, as it fills, takes the place of what it was. */
  add(head: TableHead, texts: readonly string[], preferred?: string): KeyedRow[] {
    const members = membersOf(texts);
    const columns = chartColumns(head, members, preferred) ?? this.#columns;
    if (columns?.value !== this.#columns?.value) this.#clear();
    this.#columns = columns;
    const rows = members.map((row, index) => keyed(texts[index] ?? '', row, columns));
    if (isAgain(this.#heads.at(-1), head)) this.#heads.pop();
    else this.#shift(head.reduced?.mode === 'update');
    this.#heads.push(head);
    const at = this.#heads.length - 1;
    for (const { key, value } of rows) {
      let values = this.#values.get(key);
      if (!values) {
        if (this.#values.size >= mostKeys) continue;
        values = [];
        this.#values.set(key, values);
      }
      values[at] = value;
    }
    return rows;
  }

  /** The values of a key in the newest `count` tables, undefined where it had none. */
  of(key: string, count: number): (number | undefined)[] {
    const values = this.#values.get(key) ?? [];
    const from = this.#heads.length - count;
    return Array.from({ length: count }, (_, index) => values[from + index]);
  }

  /** The keys of the newest table with the largest values, largest first. */
  largest(count: number): (readonly [string, number])[] {
    const at = this.#heads.length - 1;
    return Array.from(this.#values, ([key, values]) => [key, values[at]] as const)
      .filter((entry): entry is readonly [string, number] => entry[1] !== undefined)
      .sort(([, one], [, other]) => other - one)
      .slice(0, count);
  }

  /** Makes room for a table. What is told of changes only goes on as it was. */
  #shift(goesOn: boolean): void {
    const isFull = this.#heads.length >= mostTables;
    if (isFull) this.#heads.shift();
    for (const [key, values] of this.#values) {
      if (goesOn) values[this.#heads.length + Number(isFull)] = values.at(-1);
      if (!isFull) continue;
      values.shift();
      if (values.every((value) => value === undefined)) this.#values.delete(key);
    }
  }

  #clear(): void {
    this.#values.clear();
    this.#heads.length = 0;
  }
}

function keyed(text: string, members: Members, columns: ChartColumns | undefined): KeyedRow {
  if (!columns) return { text, members, key: '', value: undefined };
  const byName = new Map(members);
  const key = columns.keys.map((name) => cellText(byName.get(name) ?? null)).join(' ');
  return { text, members, key, value: toNumber(byName.get(columns.value)) };
}

function isAgain(before: TableHead | undefined, { interval, isWindow }: TableHead): boolean {
  return isWindow && before?.interval?.start === interval?.start && before?.interval?.end === interval?.end;
}

function toNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
