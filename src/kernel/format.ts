// Columns by name → the format of rows that the kernel writes and reads.

import type { Cell, CellKind, RowFormat } from './kernel.ts';

export interface Column {
  readonly name: string;
  readonly kind: CellKind;
  /** Which part of the key, or which value; 0 unless told. */
  readonly index?: number;
}

/** Numbers of one row are held in 64 places in the kernel. */
const mostColumns = 64;

/** The format of `{"word":"the","count":12}` from its columns. */
export function rowFormat(columns: readonly Column[]): RowFormat {
  if (columns.length > mostColumns) throw new RangeError(`${columns.length} columns, at most ${mostColumns}`);
  const cells = columns.map(({ name, kind, index = 0 }, at): Cell => ({
    before: Buffer.from(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    kind,
    index,
  }));
  return { cells, end: Buffer.from(columns.length === 0 ? '{}' : '}') };
}

/**
 * For each cell, whether a row read back has one value more because of it: once for each value that has
 * no count in the row, so that a sum that was not null does not become null.
 */
export function countingCells(cells: readonly Cell[]): boolean[] {
  const counted = new Set(cells.filter((cell) => cell.kind === 'value-count').map((cell) => cell.index));
  return cells.map((cell) => {
    if (cell.kind !== 'sum' && cell.kind !== 'least' && cell.kind !== 'greatest') return false;
    if (counted.has(cell.index)) return false;
    counted.add(cell.index);
    return true;
  });
}
