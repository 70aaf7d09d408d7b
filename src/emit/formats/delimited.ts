// CSV (RFC 4180) and TSV: one heading for all rows, then a line a row.
import { SluiceError } from '../../errors.ts';
import { cellsOf, windowCells, type Cells } from './cells.ts';
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
    const window = windowCells(head);
    let text = '';
    for (const row of rows) {
      const cells = new Map([...window, ...cellsOf(row)]);
      if (!this.#columns) text += this.#line((this.#columns = [...cells.keys()]));
      this.#refuseNewColumns(cells, row);
      text += this.#line(this.#columns.map((name) => cells.get(name)?.text ?? ''));
    }
    return text;
  }

  #refuseNewColumns(cells: Cells, row: string): void {
    const stranger = [...cells.keys()].find((name) => !this.#columns?.includes(name));
    if (stranger === undefined) return;
    const hint = 'rows of different columns can be written with --format ndjson';
    throw new SluiceError(
      'badData',
      `column '${stranger}' is not in the heading, in row ${row.slice(0, 80)}`,
      hint,
    );
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
