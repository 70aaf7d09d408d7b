// CSV (RFC 4180) and TSV: one heading for all rows, then a line a row.
import { SluiceError } from '../../errors.ts';
import type { Json } from '../../envelope/json.ts';
import { cellText, membersOf, windowCells } from './cells.ts';
import type { RowFormat, TableHead } from './format.ts';

type Delimiting = {
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly escape: (text: string) => string;
};

class DelimitedFormat implements RowFormat {
  readonly #delimiting: Delimiting;
  #columns: readonly string[] | undefined;

  constructor(delimiting: Delimiting) {
    this.#delimiting = delimiting;
  }

  write(rows: readonly string[], head: TableHead): string {
    const window = Array.from(windowCells(head), ([name, { text }]) => [name, text] as const);
    let text = '';
    for (const [index, members] of membersOf(rows).entries()) {
      const fields = [...window, ...members];
      if (!this.#columns) text += this.#line((this.#columns = fields.map(([name]) => name)));
      text += this.#line(this.#inOrder(fields, rows[index] ?? ''));
    }
    return text;
  }

  /** The texts under the heading's columns. Most rows have just these, in this order. */
  #inOrder(fields: readonly (readonly [string, Json])[], row: string): string[] {
    const columns = this.#columns ?? [];
    if (fields.length === columns.length && fields.every(([name], index) => name === columns[index])) {
      return fields.map(([, value]) => cellText(value));
    }
    const stranger = fields.find(([name]) => !columns.includes(name));
    if (stranger) {
      const hint = 'rows of different columns can be written with --format ndjson';
      throw new SluiceError(
        'badData',
        `column '${stranger[0]}' is not in the heading, in row ${row.slice(0, 80)}`,
        hint,
      );
    }
    const known = new Map(fields);
    return columns.map((name) => cellText(known.get(name) ?? null));
  }

  #line(fields: readonly string[]): string {
    const { delimiter, lineEnd, escape } = this.#delimiting;
    return fields.map(escape).join(delimiter) + lineEnd;
  }
}

/** RFC 4180 has \r\n, but the tools of the shell expect \n and nothing refuses it. */
const csv: Delimiting = {
  delimiter: ',',
  lineEnd: '\n',
  escape: (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
};

const tsvEscapes: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

const tsv: Delimiting = {
  delimiter: '\t',
  lineEnd: '\n',
  escape: (text) => text.replace(/[\t\n\r\\]/g, (character) => tsvEscapes[character] ?? character),
};

export const csvFormat = (): RowFormat => new DelimitedFormat(csv);
export const tsvFormat = (): RowFormat => new DelimitedFormat(tsv);
