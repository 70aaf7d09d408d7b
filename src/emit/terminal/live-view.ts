// What a live screen shows, and how keys change it: which table, in which order, which of its rows, as which chart.
import type { TableHead } from '../formats/format.ts';
import { cellsOf } from '../formats/cells.ts';
import type { Rows } from '../rows.ts';
import { Selection } from '../selection.ts';
import { History, type KeyedRow } from '../../monitor/history.ts';

const chartNames = ['bar', 'line', 'heatmap', 'none'] as const;
type ChartName = (typeof chartNames)[number];

/** Rows of a table that are kept, to be sorted and filtered. */
const mostRows = 2000;

export type Table = {
  readonly head: TableHead;
  readonly rows: readonly KeyedRow[];
  /** Rows that are not kept. */
  readonly left: number;
};

export class LiveView {
  readonly history = new History();
  chart: ChartName;
  isPaused = false;
  filter = '';
  /** The filter is being typed. */
  isTyping = false;
  sort: string | undefined;
  reverse: boolean;
  #texts: string[] = [];
  #left = 0;
  #newest: Table | undefined;
  #shown: Table | undefined;

  constructor(settings: { chart: ChartName; sort: string | undefined; reverse: boolean }) {
    this.chart = settings.chart;
    this.sort = settings.sort;
    this.reverse = settings.reverse;
  }

  write(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): void {
    if (isFirst) {
      this.#texts = [];
      this.#left = 0;
    }
    const room = Math.max(0, mostRows - this.#texts.length);
    if (room > 0) this.#texts.push(...firstTexts(rows, room));
    this.#left += Math.max(0, rows.count - room);
    if (!isLast) return;
    this.#newest = { head, rows: this.history.add(head, this.#texts, this.sort), left: this.#left };
    if (!this.isPaused) this.#shown = this.#newest;
  }

  get head(): TableHead | undefined {
    return this.#shown?.head;
  }

  /** Rows that are not kept. */
  get left(): number {
    return this.#shown?.left ?? 0;
  }

  /** The rows that the filter leaves, in order. */
  rows(): readonly KeyedRow[] {
    const rows = (this.#shown?.rows ?? []).filter((row) => this.#isWanted(row));
    if (this.sort === undefined) return this.reverse ? rows.toReversed() : rows;
    const selection = new Selection({ sort: this.sort, reverse: this.reverse, top: undefined });
    const byText = new Map(rows.map((row) => [row.text, row]));
    selection.add(rows.map(({ text }) => text));
    return selection.take().flatMap((text) => byText.get(text) ?? []);
  }

  /** True where the key means something; `quit` is for the caller. */
  press(key: string): boolean {
    if (this.isTyping) return this.#type(key);
    if (key === ' ' || key === 'p') {
      this.isPaused = !this.isPaused;
      if (!this.isPaused) this.#shown = this.#newest;
    } else if (key === 's') this.#sortByNext();
    else if (key === 'r') this.reverse = !this.reverse;
    else if (key === 'c') this.chart = chartNames[(chartNames.indexOf(this.chart) + 1) % 4] ?? 'bar';
    else if (key === '/') {
      this.isTyping = true;
      this.filter = '';
    } else if (key === '\u001b') this.filter = '';
    else return false;
    return true;
  }

  #type(key: string): boolean {
    if (key === '\r' || key === '\n') this.isTyping = false;
    else if (key === '\u001b') {
      this.isTyping = false;
      this.filter = '';
    } else if (key === '\u007f' || key === '\b') this.filter = Array.from(this.filter).slice(0, -1).join('');
    else if (/^\P{Cc}$/u.test(key)) this.filter += key;
    else return false;
    return true;
  }

  /** From the order in which rows come through all columns, and back to it. */
  #sortByNext(): void {
    const names = this.#shown?.rows[0]?.members.map(([name]) => name) ?? [];
    const at = this.sort === undefined ? -1 : names.indexOf(this.sort);
    this.sort = names[at + 1];
  }

  #isWanted({ members }: KeyedRow): boolean {
    if (this.filter === '') return true;
    const wanted = this.filter.toLowerCase();
    return [...cellsOf(members).values()].some(({ text }) => text.toLowerCase().includes(wanted));
  }
}

function firstTexts(rows: Rows, count: number): string[] {
  const first: string[] = [];
  for (const texts of rows.texts()) {
    first.push(...texts.slice(0, count - first.length));
    if (first.length === count) break;
  }
  return first;
}
