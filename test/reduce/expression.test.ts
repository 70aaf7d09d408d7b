import { describe, expect, test } from 'vitest';
import type { SluiceError } from '../../src/errors.ts';
import { parseAggregate, parseKeys } from '../../src/reduce/expression.ts';
import { planFrom, planToMerge } from '../../src/reduce/plan.ts';
import { failureOf } from '../helpers/envelopes.ts';

describe('parseAggregate', () => {
  test.each([
    { text: 'count', name: 'count', expression: 'count', aggregate: 'count', fieldName: undefined },
    { text: 'errors=count', name: 'errors', expression: 'count', aggregate: 'count', fieldName: undefined },
    {
      text: 'count(user)',
      name: 'count(user)',
      expression: 'count(user)',
      aggregate: 'count',
      fieldName: 'user',
    },
    {
      text: 'count(status>=500)',
      name: 'count(status>=500)',
      expression: 'count(status>=500)',
      aggregate: 'count',
      fieldName: undefined,
    },
    {
      text: 'sum(bytes)',
      name: 'sum(bytes)',
      expression: 'sum(bytes)',
      aggregate: 'sum',
      fieldName: 'bytes',
    },
    { text: 'n=count(*)', name: 'n', expression: 'count(*)', aggregate: 'count', fieldName: undefined },
    { text: 'mean ms=avg(a.b)', name: 'mean ms', expression: 'avg(a.b)', aggregate: 'avg', fieldName: 'a.b' },
    { text: 'max(a=b)', name: 'max(a=b)', expression: 'max(a=b)', aggregate: 'max', fieldName: 'a=b' },
    { text: 'max(a(b))', name: 'max(a(b))', expression: 'max(a(b))', aggregate: 'max', fieldName: 'a(b)' },
    { text: '__proto__=min(x)', name: '__proto__', expression: 'min(x)', aggregate: 'min', fieldName: 'x' },
    { text: 'u=~distinct(x)', name: 'u', expression: '~distinct(x)', aggregate: '~distinct', fieldName: 'x' },
    { text: 'p99.9(ms)', name: 'p99.9(ms)', expression: 'p99.9(ms)', aggregate: 'p99.9', fieldName: 'ms' },
    { text: 't=top(3, a,b)', name: 't', expression: 'top(3, a,b)', aggregate: 'top', fieldName: 'a,b' },
    {
      text: 'collect(a,b)',
      name: 'collect(a,b)',
      expression: 'collect(a,b)',
      aggregate: 'collect',
      fieldName: 'a,b',
    },
    { text: 'c=collect(a, 7)', name: 'c', expression: 'collect(a, 7)', aggregate: 'collect', fieldName: 'a' },
    {
      text: 'h=histogram(a,-1.5,2)',
      name: 'h',
      expression: 'histogram(a,-1.5,2)',
      aggregate: 'histogram',
      fieldName: 'a',
    },
    {
      text: 'slow=avg(ms) if path="/a b)" && ms>3',
      name: 'slow',
      expression: 'avg(ms) if path="/a b)" && ms>3',
      aggregate: 'avg',
      fieldName: 'ms',
    },
    {
      text: 'count if status=200',
      name: 'count if status=200',
      expression: 'count if status=200',
      aggregate: 'count',
      fieldName: undefined,
    },
  ])('$text', ({ text, name, expression, aggregate, fieldName }) => {
    const column = parseAggregate(text);
    expect(column).toMatchObject({ name, expression });
    expect(column.aggregate.name).toBe(aggregate);
    expect(column.fieldName).toBe(fieldName);
    expect(column.field !== undefined).toBe(fieldName !== undefined);
  });

  test.each([
    ['sum($3)', true],
    ['sum($0)', true],
    ['sum($x)', false],
    ['sum(a)', false],
  ])('%s reads a column of text: %s', (text, isColumn) => {
    expect(parseAggregate(text).isColumn).toBe(isColumn);
  });

  test.each([
    ['count', 0],
    ['count(a)', 0],
    ['count(a=1)', 1],
    ['count(a=1) if b=1', 2],
    [String.raw`count(path~^/a\(b) if c~\)`, 2],
    ['avg(x) if a=1 || b=1', 1],
  ])('%s has %d conditions', (text, count) => {
    expect(parseAggregate(text).conditions).toHaveLength(count);
  });

  test.each([
    ['mdian(x)', `usage: there is no aggregate 'mdian'`, `did you mean 'median'? there are: count, sum, avg`],
    ['p99,9(x)', `usage: there is no aggregate 'p99,9'`, `did you mean 'p99'?`],
    ['mean(x)', `usage: there is no aggregate 'mean'`, `did you mean 'avg'?`],
    ['SUM(x)', `usage: there is no aggregate 'SUM'`, `did you mean 'sum'?`],
    ['uniq(x)', `usage: there is no aggregate 'uniq'`, `did you mean 'distinct'?`],
    ['percentile(x, 95)', `usage: there is no aggregate 'percentile'`, `did you mean 'p99'?`],
    ['sum(n*2)', `usage: 'sum(n*2)' is arithmetic`, 'sluice map'],
    ['avg(a - b)', `usage: 'avg(a - b)' is arithmetic`, ''],
    ['x=', `usage: there is no aggregate 'x='`, 'there are: count, sum, '],
    ['a=b=count', `usage: there is no aggregate 'b=count'`, ''],
    ['toString', `usage: there is no aggregate 'toString'`, ''],
    ['sum', 'usage: sum needs a field', 'write it like sum(bytes)'],
    ['top', 'usage: top needs a field', 'write it like top(10, path)'],
    ['p50', 'usage: p50 needs a field', 'write it like p99(ms)'],
    ['sum()', `usage: 'sum()' is no aggregate`, ''],
    ['sum(bytes', `usage: 'sum(bytes' is no aggregate`, ''],
    [
      'sum(bytes) where x=1',
      `usage: 'sum(bytes) where x=1' is no aggregate`,
      'write it like count, sum(bytes), ',
    ],
    ['count if', `usage: 'count if' is no aggregate`, ''],
    ['count(a=1', `usage: 'count(a=1' is no aggregate`, ''],
    ['', `usage: '' is no aggregate`, ''],
    ['top(path)', `usage: 'top(path)' is not written like top(N, FIELD)`, 'write it like top(10, path)'],
    ['top(0, x)', 'usage: top shows 1 to 1000 values, not 0', ''],
    ['top(1001, x)', 'usage: top shows 1 to 1000 values, not 1001', ''],
    ['p100.5(x)', 'usage: p100.5 is no quantile', 'they go from p0 to p100'],
    ['collect(x, 0)', `usage: 'collect(x, 0)' is not written like collect(FIELD), collect(FIELD, LIMIT)`, ''],
    ['histogram(x)', `usage: 'histogram(x)' is not written like histogram(FIELD, WIDTH), `, ''],
    ['histogram(x, 0)', 'usage: the width of a histogram is above 0', ''],
    ['histogram(x, 2, 1)', 'usage: the bounds of a histogram have to rise', ''],
    ['histogram(x, 1, 1)', 'usage: the bounds of a histogram have to rise', ''],
    ['histogram(x, ten)', `usage: 'histogram(x, ten)' is not written like `, ''],
  ])('%s: %s', (text, why, hint) => {
    expect(failureOf(() => parseAggregate(text))).toContain(why);
    expect(hintOf(() => parseAggregate(text))).toContain(hint);
  });
});

function hintOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return (error as SluiceError).hint;
  }
  return undefined;
}

describe('parseKeys', () => {
  test.each([
    { texts: ['status'], names: ['status'] },
    { texts: ['path,status', 'user'], names: ['path', 'status', 'user'] },
    { texts: ['s=$9', 'a=b=c'], names: ['s', 'a'] },
  ])('$texts', ({ texts, names }) => {
    expect(parseKeys(texts).map(({ name }) => name)).toEqual(names);
  });

  test.each(['', 'a,', ',a', 'a='])('%j names no field', (text) => {
    expect(failureOf(() => parseKeys([text]))).toMatch(/^usage: --by '.*' names no field$/);
  });
});

describe('planFrom', () => {
  const unset = { by: [], words: false, partial: false };

  test.each([
    {
      name: 'words',
      settings: { ...unset, words: true },
      aggregates: [],
      reduced: { keys: ['word'], aggregates: { count: 'count' }, words: true },
    },
    {
      name: 'words with a name',
      settings: { ...unset, words: true },
      aggregates: ['n=count'],
      reduced: { keys: ['word'], aggregates: { n: 'count' }, words: true },
    },
    {
      name: 'keys alone count',
      settings: { ...unset, by: ['a'] },
      aggregates: [],
      reduced: { keys: ['a'], aggregates: { count: 'count' } },
    },
    {
      name: 'partial',
      settings: { ...unset, partial: true },
      aggregates: ['m=avg(x)'],
      reduced: { keys: [], aggregates: { m: 'avg(x)' }, partial: true },
    },
  ])('$name', ({ settings, aggregates, reduced }) => {
    expect(planFrom(settings, aggregates)?.reduced).toEqual(reduced);
  });

  test('nothing to compute is a bare reduce', () => {
    expect(planFrom(unset, [])).toBeUndefined();
  });

  test.each([
    {
      settings: { ...unset, words: true, by: ['a'] },
      aggregates: [],
      why: 'usage: --words and --by do not go together',
    },
    {
      settings: { ...unset, words: true },
      aggregates: ['sum(x)'],
      why: 'usage: --words counts, and nothing else',
    },
    {
      settings: { ...unset, words: true },
      aggregates: ['word=count'],
      why: `usage: two columns are called 'word'`,
    },
    { settings: unset, aggregates: ['count', 'count'], why: `usage: two columns are called 'count'` },
    {
      settings: { ...unset, by: ['count'] },
      aggregates: ['count'],
      why: `usage: two columns are called 'count'`,
    },
  ])('$why', ({ settings, aggregates, why }) => {
    expect(failureOf(() => planFrom(settings, aggregates))).toBe(why);
  });
});

describe('planToMerge', () => {
  test('a mean cannot be merged from final values, but from states', () => {
    const reduced = { keys: [], aggregates: { m: 'avg(x)' } };
    expect(failureOf(() => planToMerge(reduced, false))).toBe(
      'usage: avg(x) cannot be merged from its final values',
    );
    expect(planToMerge({ ...reduced, partial: true }, false).reduced).toEqual(reduced);
  });

  test.each(['mooode(x)', 'sum', 'count(x>)'])('%s in an envelope is bad data', (expression) => {
    const reduced = { keys: [], aggregates: { m: expression } };
    expect(failureOf(() => planToMerge(reduced, false))).toMatch(
      /^badData: rows reduced upstream have a column 'm' that cannot be merged: /,
    );
  });
});
