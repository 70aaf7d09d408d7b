// Numbers as characters, and what of the newest tables they are drawn from.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bar, heat, lineChart, sparkline } from '../../../src/emit/terminal/charts.ts';
import { chartColumns, History, mostTables } from '../../../src/monitor/history.ts';
import type { TableHead } from '../../../src/emit/formats/format.ts';

test.each([
  [0, 10, 4, ''],
  [-5, 10, 4, ''],
  [undefined, 10, 4, ''],
  [0.001, 10, 4, '▏'],
  [5, 10, 4, '██'],
  [5.3, 10, 4, '██▏'],
  [10, 10, 4, '████'],
  [11, 10, 4, '████'],
])('the bar of %s of %s in %s columns', (value, most, width, drawn) => {
  expect(bar(value, most, width)).toBe(drawn);
});

test.each([
  [[1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇█'],
  [[0, undefined, 8], '▁ █'],
  [[0, 0], '▁▁'],
  [[5], '█'],
  [[-4, 0, 4], '▁▄█'],
])('the sparkline of %j', (values, drawn) => expect(sparkline(values)).toBe(drawn));

test('shades', () => expect(heat([0, 1, 5, undefined, 8, 10], 10, 2)).toBe('  ░░▒▒  ████'));

test('a line goes through all of its points, from the left to the right', () => {
  const draw = (values: (number | undefined)[]): string[] =>
    lineChart([values], { rows: 2, columns: 4, low: 0, high: 10 }).map((cells) =>
      cells.map(({ character }) => character).join(''),
    );
  expect(draw([0, 10])).toEqual(['  ⡠⠊', '⡠⠊  ']);
  expect(draw([10, 10])).toEqual(['⠉⠉⠉⠉', '    ']);
  expect(draw([0, 0])).toEqual(['    ', '⣀⣀⣀⣀']);
  expect(draw([undefined, undefined])).toEqual(['    ', '    ']);
});

test('each line has a mark of its own near its end, also where several meet', () => {
  const grid = lineChart(
    [
      [0, 10, 10],
      [0, 0, 10],
      [10, 10, 10],
      [undefined, undefined, undefined],
    ],
    { rows: 2, columns: 4, low: 0, high: 10 },
  );
  const marks = grid.flatMap((cells, row) =>
    cells.flatMap(({ isMarked, line }, column) => (isMarked ? [[line, row, column]] : [])),
  );
  expect(marks).toEqual([
    [2, 0, 2],
    [0, 0, 3],
    [1, 1, 2],
  ]);
});

test('property: whatever the numbers, a chart has its size', () => {
  const number = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), (values) => {
      expect(sparkline(values)).toHaveLength(values.length);
      expect(heat(values, 1e15)).toHaveLength(values.length);
      const high = Math.max(0, ...values.map((value) => value ?? 0));
      for (const value of values) expect(bar(value, high, 7).length).toBeLessThanOrEqual(7);
      const grid = lineChart([values], {
        rows: 3,
        columns: 9,
        low: Math.min(0, ...values.map((value) => value ?? 0)),
        high,
      });
      expect(grid.map((row) => row.length)).toEqual([9, 9, 9]);
    }),
  );
});

describe('which columns are drawn', () => {
  const head = (keys: string[]): TableHead => ({
    isWindow: false,
    reduced: { keys, aggregates: { n: 'count', m: 'avg(x)' } },
  });
  const row = [
    ['status', 200],
    ['path', '/'],
    ['n', 5],
    ['m', 1.5],
  ] as const;

  test.each([
    [
      'numbers that are keys are none',
      head(['status', 'path']),
      undefined,
      { keys: ['status', 'path'], value: 'n' },
    ],
    [
      'the column that rows are ordered by',
      head(['status', 'path']),
      'm',
      { keys: ['status', 'path'], value: 'm' },
    ],
    [
      'of rows that were not reduced: text are keys',
      { isWindow: false },
      undefined,
      { keys: ['path'], value: 'status' },
    ],
    [
      'a column that is no number cannot be',
      head(['status', 'path']),
      'path',
      { keys: ['status', 'path'], value: 'n' },
    ],
  ])('%s', (_name, of, preferred, expected) => {
    expect(chartColumns(of, [row], preferred)).toEqual(expected);
  });

  test('none, where nothing is a number', () =>
    expect(chartColumns({ isWindow: false }, [[['a', 'b']]])).toBeUndefined());
});

describe('what is looked back on', () => {
  const reduced = { keys: ['k'], aggregates: { n: 'count' } };
  const rows = (counts: Record<string, number>): string[] =>
    Object.entries(counts).map(([k, n]) => JSON.stringify({ k, n }));

  test('is a value for each table, and nothing where a key was not there', () => {
    const history = new History();
    for (const counts of [{ a: 1 }, { b: 2 }, { a: 3, b: 4 }])
      history.add({ isWindow: false, reduced }, rows(counts));
    expect(history.of('a', 4)).toEqual([undefined, 1, undefined, 3]);
    expect(history.of('b', 2)).toEqual([2, 4]);
    expect(history.of('c', 1)).toEqual([undefined]);
  });

  test('of a window that is told again as it fills is what was told last', () => {
    const history = new History();
    const window = { isWindow: true, interval: { start: 0, end: 10 }, reduced };
    history.add(window, rows({ a: 1 }));
    history.add(window, rows({ a: 2 }));
    expect(history.of('a', 2)).toEqual([undefined, 2]);
  });

  test('goes on as it was where only changes are told', () => {
    const history = new History();
    const changes = { isWindow: false, reduced: { ...reduced, mode: 'update' as const } };
    for (const counts of [{ a: 1, b: 1 }, { b: 2 }, { b: 3 }]) history.add(changes, rows(counts));
    expect(history.of('a', 3)).toEqual([1, 1, 1]);
  });

  test('is bounded, in tables and in keys', () => {
    const history = new History();
    for (let at = 0; at < mostTables + 10; at += 1) {
      history.add({ isWindow: false, reduced }, rows({ a: at, [`x${at}`]: 1 }));
    }
    expect(history.heads).toHaveLength(mostTables);
    expect(history.of('a', 1)).toEqual([mostTables + 9]);
    expect(history.of('x9', mostTables)).toEqual(Array.from({ length: mostTables }));
    expect(history.of('x10', mostTables)[0]).toBe(1);
  });
});
