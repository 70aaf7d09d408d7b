// --sort and --top: which rows of a table are written, and in which order.
import { compareText } from '../envelope/order.ts';
import type { Json } from '../envelope/json.ts';
import { compileField, type Field } from '../record/field.ts';
import { objectOf } from './columns.ts';
import { parseRow } from './formats/cells.ts';

export type SelectionSettings = { sort: string | undefined; reverse: boolean; top: number | undefined };

/** Collects the rows of one table; in the order they came where nothing else is asked for. */
export class Selection {
  readonly #settings: SelectionSettings;
  readonly #field: Field | undefined;
  #rows: { row: string; value: Json | undefined }[] = [];

  constructor(settings: SelectionSettings) {
    this.#settings = settings;
    this.#field = settings.sort === undefined ? undefined : compileField(settings.sort);
  }

  add(rows: readonly string[]): void {
    const { sort, top } = this.#settings;
    for (const row of rows) {
      if (sort === undefined && top !== undefined && this.#rows.length >= top) return;
      this.#rows.push({ row, value: this.#field?.(objectOf(parseRow(row))) });
    }
    // Never holds many more than --top: memory does not depend on the number of keys.
    if (top !== undefined && this.#rows.length > 4 * top + 1024) this.#settle();
  }

  /** The column to sort by, where there are rows and none of them has it. */
  get unknownColumn(): string | undefined {
    const isUnknown = this.#rows.length > 0 && this.#rows.every(({ value }) => value === undefined);
    return isUnknown ? this.#settings.sort : undefined;
  }

  /** The selected rows; the selection is empty again. */
  take(): string[] {
    this.#settle();
    const rows = this.#rows.map(({ row }) => row);
    this.#rows = [];
    return rows;
  }

  #settle(): void {
    const { sort, reverse, top } = this.#settings;
    // The sort is stable, so that rows of the same value stay in the byte order of their keys.
    if (sort !== undefined)
      this.#rows.sort((one, other) => compareValues(one.value, other.value, reverse ? -1 : 1));
    if (top !== undefined) this.#rows.length = Math.min(this.#rows.length, top);
  }
}

/** Numbers from the largest, then text from A, then rows without a value. */
function compareValues(one: Json | undefined, other: Json | undefined, sign: 1 | -1): number {
  const ranks = rank(one) - rank(other);
  if (ranks !== 0) return rank(one) === 2 || rank(other) === 2 ? ranks : sign * ranks;
  if (typeof one === 'string' && typeof other === 'string') return sign * compareText(one, other);
  if (rank(one) !== 0) return 0;
  // A number and a bigint may be equal and still not the same.
  const [number, otherNumber] = [one as number | bigint, other as number | bigint];
  if (number > otherNumber) return -sign;
  return number < otherNumber ? sign : 0;
}

function rank(value: Json | undefined): 0 | 1 | 2 {
  if (typeof value === 'number' || typeof value === 'bigint') return 0;
  return typeof value === 'string' ? 1 : 2;
}
