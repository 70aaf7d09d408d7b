// CSV (RFC 4180) and TSV: one heading for all rows, then a line a row.
import { SluiceError } from '../../errors.ts';
import type { Json } from '../../envelope/json.ts';
import { besideEdge } from '../columns.ts';
import { cellText, membersOf, windowCells } from './cells.ts';
import type { Layout } from '../../kernel/kernel.ts';
import type { Rows } from '../rows.ts';
import type { LaidOut, RowFormat, TableHead } from './format.ts';
import { isWorthLayingOut, layOutRows } from './lay-out.ts';

type Delimiting = {
  readonly style: 'csv' | 'tsv';
  readonly delimiter: string;
  readonly lineEnd: string;
  /** Where a line has one cell, and nothing is in it. */
  readonly emptyLine: string;
  readonly escape: (text: string) => string;
  /** The fields of a first line. */
  readonly split: (text: string) => string[];
};

class DelimitedFormat implements RowFormat {
  readonly #delimiting: Delimiting;
  readonly #isSafe: boolean;
  #columns: readonly string[] | undefined;
  /** The columns of rows themselves, as the kernel wants them. */
  #layout: (Layout & { readonly columns: readonly string[] }) | undefined;

  constructor(delimiting: Delimiting, isSafe: boolean) {
    this.#delimiting = delimiting;
    this.#isSafe = isSafe;
  }

  layOut(rows: Rows, head: TableHead): LaidOut | undefined {
    if (this.#isSafe || !isWorthLayingOut(rows)) return undefined;
    const heading = this.#columns ? undefined : this.#writeFirst(rows, head);
    const window = windowFields(head);
    if (window.some(([name], index) => name !== this.#columns?.[index])) return undefined;
    const columns = this.#columns?.slice(window.length) ?? [];
    if (columns.length !== this.#layout?.columns.length) {
      this.#layout = { style: this.#delimiting.style, columns };
    }
    const { delimiter, escape } = this.#delimiting;
    const opening = window.map(([, text]) => escape(text) + (columns.length > 0 ? delimiter : '')).join('');
    const { bytes, rest } = layOutRows(heading?.rest ?? rows, this.#layout, opening);
    return { bytes: heading ? Buffer.concat([Buffer.from(heading.text), bytes]) : bytes, rest };
  }

  /** The first row of all, which settles the columns, under their heading. */
  #writeFirst(rows: Rows, head: TableHead): { text: string; rest: Rows } | undefined {
    const first = rows.takeFirst();
    return first && { text: this.write([first.text], head), rest: first.rest };
  }

  write(rows: readonly string[], head: TableHead): string {
    const window = windowFields(head);
    let text = '';
    for (const [index, members] of membersOf(rows).entries()) {
      const fields = [...window, ...members];
      // Where there is one column for each, none is there twice.
      if (fields.length !== this.#columns?.length) refuseEdges(window, members);
      if (!this.#columns) text += this.#line((this.#columns = fields.map(([name]) => name)));
      text += this.#line(this.#inOrder(fields, rows[index] ?? ''));
    }
    return text;
  }

  snapshot(): Json {
    return this.#columns ? [...this.#columns] : null;
  }

  restore(snapshot: Json): void {
    if (Array.isArray(snapshot)) this.#columns = snapshot as string[];
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

  readHeading(text: string): Json {
    return this.#delimiting.split(text);
  }

  #line(fields: readonly string[]): string {
    const { delimiter, lineEnd, emptyLine, escape } = this.#delimiting;
    const safe = this.#isSafe ? fields.map(withoutFormula) : fields;
    const line = safe.map(escape).join(delimiter);
    // Whoever reads CSV passes over empty lines.
    return (line === '' && fields.length === 1 ? emptyLine : line) + lineEnd;
  }
}

function refuseEdges(
  window: readonly (readonly [string, Json])[],
  members: readonly (readonly [string, Json])[],
): void {
  const found = window.find(([name]) => members.some(([other]) => other === name));
  if (found) throw besideEdge(found[0]);
}

/** What a spreadsheet would take for a formula begins with an apostrophe, which it does not show; numbers stay as they are. */
function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? `'${text}` : text;
}

function windowFields(head: TableHead): (readonly [string, string])[] {
  return Array.from(windowCells(head), ([name, { text }]) => [name, text]);
}

/** RFC 4180 has \r\n, but the tools of the shell expect \n and nothing refuses it. */
const csv: Delimiting = {
  style: 'csv',
  delimiter: ',',
  lineEnd: '\n',
  emptyLine: '""',
  escape: (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
  split: (text) => {
    const fields: string[] = [];
    for (const [, quoted, plain = '', end] of text.matchAll(
      /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
    )) {
      fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
      if (end !== ',') break;
    }
    return fields;
  },
};

const tsvEscapes: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

const tsvUnescapes = Object.fromEntries(
  Object.entries(tsvEscapes).map(([character, escape]) => [escape, character]),
);

const tsv: Delimiting = {
  style: 'tsv',
  delimiter: '\t',
  lineEnd: '\n',
  emptyLine: '',
  escape: (text) => text.replace(/[\t\n\r\\]/g, (character) => tsvEscapes[character] ?? character),
  split: (text) =>
    (text.split('\n')[0] ?? '')
      .split('\t')
      .map((field) => field.replace(/\\[tnr\\]/g, (escape) => tsvUnescapes[escape] ?? escape)),
};

export const csvFormat = (isSafe = false): RowFormat => new DelimitedFormat(csv, isSafe);
export const tsvFormat = (isSafe = false): RowFormat => new DelimitedFormat(tsv, isSafe);
