// --initial: rows that a reduce wrote, as what running totals begin with.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInitial } from '../../src/reduce/initial.ts';
import { planFrom, type ReducePlan } from '../../src/reduce/plan.ts';
import { failureOf } from '../helpers/envelopes.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

function plan(expressions: string[], by: string[], words = false): ReducePlan {
  return planFrom({ by, words, partial: false }, expressions) as ReducePlan;
}

function file(text: string): string {
  const path = join(temporaryFolder(), 'initial');
  writeFileSync(path, text);
  return path;
}

const sums = plan(['count', 'm=max(x)'], ['k']);

test.each<[string, ReducePlan, string, unknown[]]>([
  [
    'NDJSON, in any order of columns, with blank lines and columns that nobody asked for',
    sums,
    '{"count":2,"k":"a","m":null,"window_start":"…"}\n\n{"k":1,"count":3,"m":"z"}\n',
    [
      { key: ['a'], states: [2, null] },
      { key: [1], states: [3, 'z'] },
    ],
  ],
  [
    'integers beyond 2^53',
    sums,
    '{"k":9007199254740993,"count":1,"m":0}',
    [{ key: [9007199254740993n], states: [1, 0] }],
  ],
  [
    'CSV, whose cells are what they look like',
    sums,
    '\uFEFFk,count,m\na,2,\n404,1,-1.5\ntrue,1,x\n"say ""b""",1,1e3\n,1,007\n',
    [
      { key: ['a'], states: [2, null] },
      { key: [404], states: [1, -1.5] },
      { key: [true], states: [1, 'x'] },
      { key: ['say "b"'], states: [1, 1000] },
      { key: [null], states: [1, '007'] },
    ],
  ],
  ['CSV with keys of text', plan(['count'], ['s=$9']), 's,count\n404,2\n', [{ key: ['404'], states: [2] }]],
  [
    'CSV of words',
    plan([], [], true),
    'word,count\n1,2\ntrue,1\n',
    [
      { key: ['1'], states: [2] },
      { key: ['true'], states: [1] },
    ],
  ],
  [
    'states',
    plan(['avg(x)'], []),
    '{"avg(x)":[[6,0],3]}',
    [{ key: [], states: [{ total: { sum: 6, compensation: 0 }, count: 3 }] }],
  ],
  ['nothing', sums, '', []],
  ['a heading alone', sums, 'k,count,m\n', []],
])('%s', (_, reduce, text, groups) => {
  expect(readInitial(file(text), reduce)).toEqual(groups);
});

test.each<[string, ReducePlan, string, string]>([
  ['a row without a column', sums, '{"k":1,"count":2}', "badData: FILE, line 1: column 'm' is missing"],
  ['a heading without a column', sums, 'k,count\na,1\n', "badData: FILE, line 2: column 'm' is missing"],
  [
    'a line with too few cells',
    sums,
    'k,count,m\na,1\n',
    'badData: FILE, line 2: there are 2 cells, and the heading has 3',
  ],
  [
    'what is no count',
    sums,
    '{"k":1,"count":1,"m":1}\n{"k":1,"count":-1,"m":1}',
    "badData: FILE, line 2: column 'count' is no result of count",
  ],
  [
    'a mean',
    plan(['avg(x)'], []),
    '{"avg(x)":2}',
    "badData: FILE, line 1: column 'avg(x)' is no state of avg(x)",
  ],
  ['what is no JSON', sums, '{"k":1,\n', 'badData: FILE, line 1: this is no row'],
])('%s is refused', (_, reduce, text, why) => {
  const path = file(text);
  expect(failureOf(() => readInitial(path, reduce)).replaceAll(path, 'FILE')).toBe(why);
});

test('a file that is not there is refused', () => {
  expect(failureOf(() => readInitial('/nowhere/at-all', sums))).toMatch(/^noInput: --initial: /);
});
