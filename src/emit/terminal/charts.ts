// Numbers as characters: bars, sparklines, shades, and lines of dots.

const eighthsAcross = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const eighthsUp = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const shades = ['░', '▒', '▓', '█'];

type Values = readonly (number | undefined)[];

/** A bar of `width` columns where `value` is `most`, in steps of an eighth; nothing below zero. */
export function bar(value: number | undefined, most: number, width: number): string {
  if (value === undefined || !(value > 0) || !(most > 0)) return '';
  const eighths = Math.min(8 * width, Math.max(1, Math.round((8 * width * value) / most)));
  return '█'.repeat(Math.floor(eighths / 8)) + eighthsAcross[eighths % 8];
}

/** A column for each value, from 0 or the least below it to the largest. */
export function sparkline(values: Values): string {
  const known = values.filter((value) => value !== undefined);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  return values.map((value) => stepOf(eighthsUp, value, low, high)).join('');
}

/** `width` columns for each value, darker where it is nearer to `most`; blank for nothing and for 0. */
export function heat(values: Values, most: number, width = 1): string {
  return values.map((value) => (value ? stepOf(shades, value, 0, most) : ' ').repeat(width)).join('');
}

function stepOf(steps: readonly string[], value: number | undefined, low: number, high: number): string {
  if (value === undefined) return ' ';
  const share = high > low ? (value - low) / (high - low) : 0;
  const step = Math.min(steps.length - 1, Math.max(0, Math.ceil(share * steps.length) - 1));
  return steps[step] ?? ' ';
}

/** A cell of a line chart: its character, which of the lines went through it last, and whether that one's mark belongs there: near its end. */
export type ChartCell = {
  readonly character: string;
  readonly line: number | undefined;
  readonly isMarked: boolean;
};

/** Bits of a Braille pattern, by column and row of its dots. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Lines from left to right in a grid of `rows` by `columns`, in dots of Braille patterns, from `low` at the bottom to `high`. */
export function lineChart(
  lines: readonly Values[],
  { rows, columns, low, high }: { rows: number; columns: number; low: number; high: number },
): ChartCell[][] {
  const bits = Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0));
  const owners = Array.from({ length: rows }, () => Array.from<number | undefined>({ length: columns }));
  const height = 4 * rows - 1;
  const yOf = (value: number): number =>
    high > low ? Math.round((height * (high - value)) / (high - low)) : height;
  const cellOf = (x: number, y: number): [number, number] => [
    Math.floor(y / 4),
    Math.min(columns - 1, Math.floor(x / 2)),
  ];
  const marks = new Map<string, number>();
  const plot = (x: number, y: number, line: number): void => {
    const [row, column] = cellOf(x, y);
    const [cells, owned] = [bits[row], owners[row]];
    if (!cells || !owned) return;
    cells[column] = (cells[column] ?? 0) | (dots[x % 2 === 0 ? 0 : 1][y % 4] ?? 0);
    owned[column] = line;
  };
  for (const [line, values] of lines.entries()) {
    let before: { x: number; y: number } | undefined;
    const cells: string[] = [];
    for (const [index, value] of values.entries()) {
      const x = values.length > 1 ? Math.round((index * (2 * columns - 1)) / (values.length - 1)) : 0;
      const point = value === undefined ? undefined : { x, y: yOf(value) };
      if (point) for (const { x: at, y } of between(before ?? point, point)) plot(at, y, line);
      before = point;
      if (point) cells.push(cellOf(point.x, point.y).join());
    }
    const cell = cells.findLast((one) => !marks.has(one));
    if (cell !== undefined) marks.set(cell, line);
  }
  return bits.map((row, at) =>
    row.map((pattern, column) => {
      const marked = marks.get([at, column].join());
      return {
        character: pattern === 0 ? ' ' : String.fromCodePoint(0x2800 + pattern),
        line: marked ?? owners[at]?.[column],
        isMarked: marked !== undefined,
      };
    }),
  );
}

/** All dots on the way. */
function* between(
  from: { x: number; y: number },
  to: { x: number; y: number },
): Generator<{ x: number; y: number }> {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
  for (let step = 0; step <= steps; step += 1) {
    yield {
      x: Math.round(from.x + ((to.x - from.x) * step) / steps),
      y: Math.round(from.y + ((to.y - from.y) * step) / steps),
    };
  }
}
