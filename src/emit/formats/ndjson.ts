// A row a line, in its own bytes: numbers stay as they were written.
import type { Rows } from '../rows.ts';
import { windowEdges, type LaidOut, type RowFormat, type TableHead } from './format.ts';
import { isWorthLayingOut, layOutRows } from './lay-out.ts';

const layout = { style: 'ndjson' } as const;

export const ndjsonFormat: RowFormat = {
  layOut(rows: Rows, head: TableHead): LaidOut | undefined {
    return isWorthLayingOut(rows) ? layOutRows(rows, layout, windowPrefix(head)) : undefined;
  },

  write(rows, head) {
    let text = '';
    for (const row of ndjsonRows(rows, head)) text += `${row}\n`;
    return text;
  },
};

/** Rows with the edges of their window, where they are of one. */
export function ndjsonRows(rows: readonly string[], head: TableHead): readonly string[] {
  const prefix = windowPrefix(head);
  return prefix === '' ? rows : rows.map((row) => withPrefix(prefix, row));
}

/** A row by itself: one that is text is that text. */
export function plainRow(row: string): Buffer {
  return Buffer.from(row.startsWith('"') ? (JSON.parse(row) as string) : row);
}

function windowPrefix({ isWindow, interval }: TableHead): string {
  if (!isWindow || !interval) return '';
  return `{${windowEdges(interval)
    .map(([name, edge]) => `"${name}":${JSON.stringify(edge)}`)
    .join(',')}`;
}

/** A row that is no object becomes the member `record`. */
function withPrefix(prefix: string, row: string): string {
  if (!row.startsWith('{')) return `${prefix},"record":${row}}`;
  return /^\{\s*\}$/.test(row) ? `${prefix}}` : `${prefix},${row.slice(1)}`;
}
