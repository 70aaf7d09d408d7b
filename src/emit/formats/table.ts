// Aligned columns for people. Widths are settled by the first rows of a table, so that a long one can flow.
import { formatDuration } from '../../command/values.ts';
import { showControls } from '../terminal/controls.ts';
import type { Json } from '../../envelope/json.ts';
import { displayWidth, prepareWidths } from '../terminal/width.ts';
import { formatTime } from '../../time/epoch.ts';
import { cellsOf, membersOf, type Cells } from './cells.ts';
import { type RowFormat, type TableHead } from './format.ts';

/** So many characters a number that was measured has; a quotient has more. */
const longFraction = 12;

/** As wide as a column of text stays where a table does not fit. */
const leastText = 8;
/** Between the columns of a table. */
export const gap = '  ';

type Column = { readonly name: string; width: number; isNumber: boolean };

/** The columns that a table has on a screen, and how a text is cut to some of its own. */
export type Room = {
  readonly width: number;
  readonly slice: (text: string, from: number, to: number) => string;
};

export class TableFormat implements RowFormat {
  readonly #room: Room | undefined;
  #columns: Column[] = [];
  #isFirstTable = true;

  /** With `room` long texts are cut, so that the numbers behind them are seen. */
  constructor(room?: Room) {
    this.#room = room;
  }

  async write(rows: readonly string[], head: TableHead, isFirst: boolean): Promise<string> {
    const cells = membersOf(rows).map((row) => shortened(cellsOf(row)));
    // The cells and not the rows, in which JSON may have escaped what is wide.
    await prepareWidths(cells.flatMap((row) => [...row].flatMap(([name, { text }]) => [name, text])));
    let text = '';
    if (isFirst) {
      this.#columns = [];
      text += `${this.#isFirstTable ? '' : '\n'}${headingOf(head)}\n`;
      this.#isFirstTable = false;
    }
    const isNew = this.#columns.length === 0 && cells.length > 0;
    this.#measure(cells);
    if (this.#room) narrow(this.#columns, this.#room.width);
    if (isNew)
      text += this.#line(new Map(this.#columns.map(({ name }) => [name, { text: name, isNumber: false }])));
    for (const row of cells) text += this.#line(row);
    return text;
  }

  snapshot(): Json {
    return this.#isFirstTable;
  }

  restore(snapshot: Json): void {
    this.#isFirstTable = snapshot === true;
  }

  #measure(rows: readonly Cells[]): void {
    const known = new Map(this.#columns.map((column) => [column.name, column]));
    for (const row of rows) {
      for (const [name, { text, isNumber }] of row) {
        let column = known.get(name);
        if (!column) {
          column = { name, width: displayWidth(showControls(name)), isNumber: isNumber || text === '' };
          known.set(name, column);
          this.#columns.push(column);
        }
        column.width = Math.max(column.width, displayWidth(showControls(text)));
        if (text !== '') column.isNumber &&= isNumber;
      }
    }
  }

  #line(cells: Cells): string {
    const fields = this.#columns.map(({ name, width, isNumber }) => {
      const text = this.#fitting(showControls(cells.get(name)?.text ?? ''), width);
      const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
      return isNumber ? padding + text : text + padding;
    });
    return `${fields.join(gap).trimEnd()}\n`;
  }

  #fitting(text: string, width: number): string {
    const whole = displayWidth(text);
    if (!this.#room || whole <= width) return text;
    const { slice } = this.#room;
    // Keys that are long begin alike more often than they end alike.
    const tail = Math.floor((width - 1) / 3);
    const cut = (head: number): string => `${slice(text, 0, head)}…${slice(text, whole - tail, whole)}`;
    const longest = cut(width - 1 - tail);
    // A wide character at an edge is left whole, and may be too much.
    return displayWidth(longest) <= width ? longest : cut(width - 3 - tail);
  }
}

/** Takes from the widest texts until the columns fit into `room`, or no text can give more. */
function narrow(columns: readonly Column[], room: number): void {
  const texts = columns.filter(({ isNumber, width }) => !isNumber && width > leastText);
  let excess = columns.reduce((sum, { width }) => sum + width, 0) + gap.length * (columns.length - 1) - room;
  while (excess > 0 && texts.length > 0) {
    texts.sort((one, other) => other.width - one.width);
    const [widest, next] = texts as [Column, ...Column[]];
    const least = Math.max(leastText, Math.min(next?.width ?? leastText, widest.width - 1));
    const given = Math.min(excess, widest.width - least);
    widest.width -= given;
    excess -= given;
    if (widest.width === leastText) texts.shift();
  }
}

/** Long fractions with four places, or four digits where they are small: nobody reads more. The other formats have them all. */
export function shortened(cells: Cells): Cells {
  return new Map(
    Array.from(cells, ([name, cell]) => {
      if (!cell.isNumber || !cell.text.includes('.') || cell.text.length <= longFraction) return [name, cell];
      const number = Number(cell.text);
      const places = Math.max(4, 3 - Math.floor(Math.log10(Math.abs(number))));
      return [name, { ...cell, text: String(Number(number.toFixed(Math.min(places, 100)))) }];
    }),
  );
}

/** `window 2026-11-22T10:00:00Z to 10:00:30Z (30s)`, `window of records 0 to 10 (10 records)`, or `batch 7 …`. */
export function headingOf({ batch, interval, isWindow }: TableHead): string {
  const name = isWindow ? 'window' : `batch ${batch ?? 0}`;
  if (!interval) return name;
  if (interval.unit === 'records') {
    const count = interval.end - interval.start;
    return `${name} of records ${interval.start} to ${interval.end} (${count} ${count === 1 ? 'record' : 'records'})`;
  }
  const [start, end] = [formatTime(interval.start), formatTime(interval.end)];
  const sameDay = start.slice(0, 11) === end.slice(0, 11);
  return `${name} ${start} to ${sameDay ? end.slice(11) : end} (${formatDuration(interval.end - interval.start)})`;
}
