// A frame of the live screen as lines of text: what is shown, at which size. It knows no terminal and no clock.
import type { ChalkInstance } from 'chalk';
import { formatCount } from '../../monitor/amounts.ts';
import type { KeyedRow } from '../../monitor/history.ts';
import { gap, headingOf, TableFormat } from '../formats/table.ts';
import { bar, heat, lineChart, sparkline } from './charts.ts';
import { showControls } from './controls.ts';
import type { LiveView } from './live-view.ts';
import { displayWidth, prepareWidths } from './width.ts';

export type FrameSettings = {
  readonly rows: number;
  readonly columns: number;
  readonly chalk: ChalkInstance;
  /** The columns `[from, to)` of a line, with its colours. */
  readonly slice: (line: string, from: number, to: number) => string;
  readonly hasKeys: boolean;
};

/** Below so many columns a chart says nothing. */
const leastColumns = 8;
/** By which a line and its row are known, also to whoever sees no colours. */
const lineMarks = [
  ['●', 'cyan'],
  ['■', 'yellow'],
  ['▲', 'green'],
  ['◆', 'magenta'],
  ['○', 'blue'],
  ['□', 'red'],
] as const;
const keyHelp = 's sort  r reverse  / filter  space pause  c chart  q quit';

/** At most a line less than the screen has, so that nothing scrolls; the status goes below. */
export async function frameOf(view: LiveView, status: string, settings: FrameSettings): Promise<string[]> {
  const { head } = view;
  const { chalk, columns, slice } = settings;
  const below = [status, ...belowOf(view, settings)];
  if (!head) return below.map((line) => slice(line, 0, columns - 1));
  const room = Math.max(1, settings.rows - below.length - 4);
  const rows = view.rows();
  const chartRows = view.chart === 'line' && room >= 8 ? Math.floor(room / 2) : 0;
  const shown = rows.slice(0, room - chartRows - (chartRows > 0 ? 1 : 0));
  const table = await tableOf(view, shown, rows, settings);
  const left = rows.length - shown.length + view.left;
  const lines = [
    chalk.cyan(headingOf(head)) + chalk.dim(wordsOf(view)),
    ...(chartRows > 0 ? chartOf(view, rows, chartRows, settings) : []),
    ...table,
    ...(left > 0 ? [chalk.dim(`… and ${left} more`)] : []),
  ];
  return [...lines, ...below].map((line) => slice(line, 0, columns - 1));
}

function belowOf(view: LiveView, { chalk, hasKeys }: FrameSettings): string[] {
  if (!hasKeys) return [];
  return [view.isTyping ? `/${showControls(view.filter)}▏` : chalk.dim(keyHelp)];
}

/** What keys have changed. */
function wordsOf({ sort, reverse, filter, isTyping, isPaused }: LiveView): string {
  const words = [
    ...(sort === undefined ? [] : [`by ${showControls(sort)}${reverse ? ', reversed' : ''}`]),
    ...(filter === '' || isTyping ? [] : [`only '${showControls(filter)}'`]),
    ...(isPaused ? ['paused'] : []),
  ];
  return words.length === 0 ? '' : `  ${words.join('  ')}`;
}

async function tableOf(
  view: LiveView,
  shown: readonly KeyedRow[],
  all: readonly KeyedRow[],
  settings: FrameSettings,
): Promise<string[]> {
  const { chalk, columns, slice } = settings;
  const indent = view.chart === 'line' ? gap : '';
  const beside = view.chart === 'none' ? 0 : gap.length + leastColumns;
  const room = { width: columns - 1 - indent.length - beside, slice };
  const text = await new TableFormat(room).write(
    shown.map((row) => row.text),
    { isWindow: false },
    true,
  );
  const [, names, ...lines] = text.trimEnd().split('\n');
  if (names === undefined) return [chalk.dim('(no rows)')];
  await prepareWidths([names, ...lines]);
  const width = Math.max(...[names, ...lines].map(displayWidth));
  const marks = view.chart === 'line' ? (index: number): string => `${markOf(chalk, index)} ` : () => '';
  const decorate = decorationOf(view, all, columns - 1 - width - indent.length - gap.length, chalk);
  const padded = (line: string): string => line + ' '.repeat(width - displayWidth(line)) + gap;
  return [
    indent + chalk.bold(names),
    ...lines.map((line, index) => {
      const decoration = decorate(shown[index]);
      return `${marks(index)}${decoration === '' ? line : padded(line) + decoration}`;
    }),
  ];
}

/** What stands behind a row: its bar and how it went, or its shades. */
function decorationOf(
  { chart, history }: LiveView,
  all: readonly KeyedRow[],
  room: number,
  chalk: ChalkInstance,
): (row: KeyedRow | undefined) => string {
  const most = Math.max(0, ...all.map(({ value }) => value ?? 0));
  const known = history.heads.length;
  if (!history.columns || room < leastColumns || chart === 'none') return () => '';
  if (chart === 'heatmap') {
    const count = Math.min(room, known);
    const highest = Math.max(
      most,
      ...all.flatMap(({ key }) => history.of(key, count).map((value) => value ?? 0)),
    );
    // Few windows in much room are broad.
    const width = Math.max(1, Math.min(3, Math.floor(room / count)));
    return (row) => (row ? chalk.yellow(heat(history.of(row.key, count), highest, width)) : '');
  }
  if (chart === 'line') {
    const count = Math.min(room, known);
    return (row) => (row ? chalk.dim(sparkline(history.of(row.key, count))) : '');
  }
  // A single row has none to be compared with.
  if (all.length === 1) {
    const count = known > 1 ? Math.min(room, known) : 0;
    return (row) => (row ? chalk.dim(sparkline(history.of(row.key, count))) : '');
  }
  const hasSparks = known > 1 && room >= 2 * leastColumns + gap.length;
  const barWidth = hasSparks ? Math.floor((room - gap.length) / 2) : room;
  const count = Math.min(room - barWidth - gap.length, known);
  return (row) => {
    if (!row) return '';
    const drawn = bar(row.value, most, barWidth);
    if (!hasSparks) return chalk.cyan(drawn);
    const rest = ' '.repeat(barWidth - drawn.length) + gap;
    return chalk.cyan(drawn) + rest + chalk.dim(sparkline(history.of(row.key, count)));
  };
}

/** The first rows as lines over the newest tables, with the scale at the left. */
function chartOf(
  { history }: LiveView,
  rows: readonly KeyedRow[],
  height: number,
  { columns, chalk }: FrameSettings,
): string[] {
  const drawn = rows.slice(0, lineMarks.length);
  const label = 7;
  const width = Math.max(1, columns - 1 - label);
  const count = Math.min(Math.max(2, history.heads.length), 2 * width);
  const lines = drawn.map(({ key }) => history.of(key, count));
  const values = lines.flat().filter((value) => value !== undefined);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const grid = lineChart(lines, { rows: height, columns: width, low, high });
  return grid.map((cells, row) => {
    const scale = row === 0 ? formatCount(high) : row === height - 1 ? formatCount(low) : '';
    const line = cells.map(({ character, line: index, isMarked }) =>
      index === undefined ? character : markOf(chalk, index, isMarked ? undefined : character),
    );
    return `${chalk.dim(`${scale.padStart(label - 2)} │`)}${line.join('')}`;
  });
}

/** Its own mark, or `character` in its colour; rows behind those that are drawn have none. */
function markOf(chalk: ChalkInstance, line: number, character?: string): string {
  const [mark, color] = lineMarks[line] ?? [];
  return mark && color ? chalk[color](character ?? mark) : ' ';
}
