// Folds that users write: the module, what its functions may do, and what is said where they do something else.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore, type ReduceOptions } from '../../src/reduce/reduce.ts';
import { loadFold } from '../../src/reduce/user-fold.ts';
import { chain } from '../../src/stage/core.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { WindowCore } from '../../src/window/window.ts';
import { batch, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

/** Letters seen, in the order of the alphabet; a state that is changed in place, and results with two members. */
const letters = `
export const init = () => ({ n: 0, letters: [] });
export function add(state, { x }) {
  if (x === 'bad') throw new Error('no letter');
  state.n += 1;
  state.letters.push(...x);
  return state;
}
export function merge(state, other) {
  if (state.n === 0) return other;
  state.n += other.n;
  state.letters.push(...other.letters);
  return state;
}
export const result = ({ n, letters }) => ({ n, letters: letters.toSorted().join('') });
`;
const total = `
export const init = () => 0;
export const add = (state, { x }) => state + x;
export const merge = (state, other) => state + other;
export const subtract = (state, other) => state - other;
export const result = (state) => state;
`;

let count = 0;

function file(text: string, extension = 'mjs'): string {
  const path = join(temporaryFolder(), `fold${(count += 1)}.${extension}`);
  writeFileSync(path, text);
  return path;
}

type Settings = { by?: string[]; expressions?: string[] } & Partial<ReduceOptions>;

async function core(
  text: string,
  { by = [], expressions = [], ...options }: Settings = {},
): Promise<ReduceCore> {
  const fold = { ...(await loadFold(file(text))), name: 'folded' };
  const plan = planFrom({ by, words: false, partial: options.partial ?? false }, expressions, fold);
  return new ReduceCore(plan, {
    partial: false,
    partSize: 1000,
    rejects: failOnReject,
    caveats: new Set(),
    fold,
    ...options,
  });
}

const letter = (k: string, x: Json): Json => ({ k, x });
const someLetters = [letter('a', 'y'), letter('b', 'z'), letter('a', 'x')];

test('a result that is an object becomes columns, another one is a column', async () => {
  const objects = await core(letters, { by: ['k'], expressions: ['count'] });
  expect(recordsOf(runAll(objects, [batch(0, someLetters)]))).toEqual([
    { k: 'a', count: 2, n: 2, letters: 'xy' },
    { k: 'b', count: 1, n: 1, letters: 'z' },
  ]);
  expect(recordsOf(runAll(await core(total), [batch(0, [{ x: 1 }, { x: 2 }])]))).toEqual([{ folded: 3 }]);
});

test.each([letters, total])('states are merged, whichever way they slide and travel', async (text) => {
  const value =
    text === letters ? (index: number): Json => 'xyz'[index % 3] as string : (index: number): Json => index;
  const inputs = Array.from({ length: 12 }, (_, index) =>
    batch(index, [letter(index % 2 ? 'a' : 'b', value(index)), letter('c', value(index + 1))], {
      from: index,
      to: index + 1,
    }),
  );
  const windows = (): WindowCore => new WindowCore({ size: 3, slide: 1 });
  const rows = recordsOf(runAll(chain(windows(), await core(text, { by: ['k'] })), inputs));
  const records = inputs.map((input) => recordsOf([input]));
  const expected: Json[] = [];
  for (let end = 1; end < records.length + 3; end += 1) {
    const inside = records.slice(Math.max(0, end - 3), end).flat();
    expected.push(...recordsOf(runAll(await core(text, { by: ['k'] }), [batch(0, inside)])));
  }
  expect(rows).toEqual(expected);
  const partial = await core(text, { by: ['k'], partial: true });
  const merging = await core(text);
  expect(recordsOf(runAll(chain(partial, chain(windows(), merging)), inputs))).toEqual(expected);
});

test('a record that add throws at is rejected, and leaves no trace', async () => {
  const rejected: string[] = [];
  const rejects = {
    reject: (_: Json, place: string, reason: string) => rejected.push(`${place}: ${reason}`),
    takeCount: () => 0,
  };
  const reduce = await core(letters, { by: ['k'], expressions: ['count'], rejects });
  const records = [letter('a', 'x'), letter('new', 'bad'), letter('a', 'bad'), letter('a', 'y')];
  expect(recordsOf(runAll(reduce, [batch(0, records)]))).toEqual([{ k: 'a', count: 2, n: 2, letters: 'xy' }]);
  expect(rejected.map((text) => text.replace(/\(.*\)/, '(…)'))).toEqual([
    'batch 0, part 0, record 2: fold(…): no letter',
    'batch 0, part 0, record 3: fold(…): no letter',
  ]);
});

/** What is said, without the folder the module is in. */
async function said(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return failureOf(() => {
      throw error;
    }).replaceAll(/\/\S*(fold\d*)\.(\w+)/g, 'FOLD.$2');
  }
  return 'nothing';
}

test.each([
  ['a missing file', undefined, 'mjs', /^noInput: there is no FOLD.mjs$/],
  [
    'a missing function',
    total.replace('export const result', 'const result'),
    'mjs',
    /^usage: FOLD.mjs exports no result$/,
  ],
  [
    'what is no function',
    total.replace(/init = .*/, 'init = 0;'),
    'mjs',
    /^usage: FOLD.mjs exports init, but as number and not as a function$/,
  ],
  [
    'what is no function either',
    total.replace(/subtract = .*/, 'subtract = true;'),
    'mjs',
    /^usage: FOLD.mjs exports subtract, but as boolean/,
  ],
  ['what is no JavaScript', 'export const = 1', 'mjs', /^usage: cannot load FOLD.mjs: /],
  [
    'what throws when it is loaded',
    'throw new Error("not today")',
    'mjs',
    /^usage: cannot load FOLD.mjs: not today$/,
  ],
])('%s is refused', async (_, text, extension, why) => {
  expect(
    await said(() => loadFold(text === undefined ? '/nowhere/fold.mjs' : file(text, extension))),
  ).toMatch(why);
});

test('functions may be members of the default export, or of CommonJS', async () => {
  const body = 'init: () => 1, add: (state) => state, merge: (state) => state, result: (state) => state';
  for (const path of [file(`export default { ${body} }`), file(`module.exports = { ${body} }`, 'cjs')])
    expect((await loadFold(path)).aggregate.init()).toBe(1);
});

test('TypeScript is run where Node runs it, and otherwise said to be', async () => {
  const path = file('export const init = (): number => 1;', 'ts');
  expect(await said(() => loadFold(path))).toMatch(/exports no add|Unknown file extension/);
});

test.each([
  [
    'a state that add does not return',
    total.replace(/add = .*/, 'add = () => {};'),
    {},
    /record 1: fold\(FOLD.mjs\): add returned nothing; it has to return the state/,
  ],
  [
    'a result that is no JSON',
    total.replace(/result = .*/, 'result = () => ({ all: new Map() });'),
    {},
    /the result is no JSON: it.all is a Map/,
  ],
  [
    'no result',
    total.replace(/result = .*/, 'result = () => {};'),
    {},
    /result failed: result returned nothing/,
  ],
  [
    'a number that is none',
    total.replace(/result = .*/, 'result = () => [0 / 0];'),
    {},
    /the result is no JSON: it\[0\] is NaN/,
  ],
  [
    'a state that is no JSON, with --partial',
    total.replace(/init = .*/, 'init = () => new Set();').replace(/add = .*/, 'add = (state) => state;'),
    { partial: true },
    /the state is no JSON: it is a Set/,
  ],
  [
    'a merge that fails',
    total.replace(/merge = .*/, 'merge = () => { throw new Error("never") };'),
    { running: { initial: [{ key: [], states: [1] }] } },
    /merge failed: never/,
  ],
  [
    'a member that is a column already',
    total.replace(/result = .*/, 'result = () => ({ k: 1 });'),
    { by: ['k'] },
    /has a member 'k', and there is a column of that name/,
  ],
])('%s is an error', async (_, text, settings, why) => {
  const reduce = await core(text, settings);
  expect(await said(() => runAll(reduce, [batch(0, [{ k: 1, x: 1 }])]))).toMatch(why);
});

test('rows of a fold are merged with the fold only', async () => {
  const rows = runAll(await core(total, { partial: true }), [batch(0, [{ x: 1 }])]).filter(
    ({ header }) => !header.end,
  );
  const bare = new ReduceCore(undefined, {
    partial: false,
    partSize: 1,
    rejects: failOnReject,
    caveats: new Set(),
  });
  expect(await said(() => runAll(bare, rows))).toMatch(
    /^usage: these rows come from a fold\(.*\), which is not known here$/,
  );
});
