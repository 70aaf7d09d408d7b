// CSV as RFC 4180 has it, read back: what emit --format csv wrote, or another program.

export type CsvLine = {
  readonly cells: readonly string[];
  /** Where it begins, from 1: a cell in quotes may go over several lines. */
  readonly line: number;
};

/** All lines but empty ones. A quote that is never closed ends with the text. */
export function parseCsv(text: string): CsvLine[] {
  const lines: CsvLine[] = [];
  // A cell in quotes, or one without, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"?|([^",\r\n]*))(,|\r?\n|$)/y;
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  while (cell.lastIndex < text.length || cells.length > 0) {
    const at = cell.lastIndex;
    const [whole, quoted, plain = '', end] = cell.exec(text) ?? [
      text.slice(at),
      undefined,
      text.slice(at),
      '',
    ];
    cell.lastIndex = at + whole.length;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (cells.length > 1 || cells[0] !== '') lines.push({ cells, line: start });
    cells = [];
    start = line;
  }
  return lines;
}
