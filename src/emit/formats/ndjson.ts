// A row a line, in its own bytes: numbers stay as they were written.
import { windowEdges, type RowFormat, type TableHead } from './format.ts';

export const ndjsonFormat: RowFormat = {
  write(rows, head) {
    const prefix = windowPrefix(head);
    let text = '';
    for (const row of rows) text += `${prefix === '' ? row : withPrefix(prefix, row)}\n`;
    return text;
  },
};

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
