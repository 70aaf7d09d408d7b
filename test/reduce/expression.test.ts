import { describe, expect, test } from 'vitest';
import { parseAggregate, parseKeys } from '../../src/reduce/expression.ts';
import { planFrom, planToMerge } from '../../src/reduce/plan.ts';
import { failureOf } from '../helpers/envelopes.ts';

describe('parseAggregate', () => {
  test.each([
    { text: 'count', name: 'count', expression: 'count', aggregate: 'count', hasField: false },
    { text: 'errors=count', name: 'errors', expression: 'count', aggregate: 'count', hasField: false },
    {
      text: 'count(user)',
      name: 'count(user)',
      expression: 'count(user)',
      aggregate: 'count',
      hasField: true,
    },
    { text: 'sum(bytes)', name: 'sum(bytes)', expression: 'sum(bytes)', aggregate: 'sum', hasField: true },
    { text: 'mean ms=avg(a.b)', name: 'mean ms', expression: 'avg(a.b)', aggregate: 'avg', hasField: true },
    { text: 'max(a=b)', name: 'max(a=b)', expression: 'max(a=b)', aggregate: 'max', hasField: true },
    { text: '__proto__=min(x)', name: '__proto__', expression: 'min(x)', aggregate: 'min', hasField: true },
  ])('$text', ({ text, name, expression, aggregate, hasField }) => {
    const column = parseAggregate(text);
    expect(column).toMatchObject({ name, expression });
    expect(column.aggregate.name).toBe(aggregate);
    expect(column.field !== undefined).toBe(hasField);
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
    ['median(x)', `usage: there is no aggregate 'median'`],
    ['x=', `usage: there is no aggregate 'x='`],
    ['a=b=count', `usage: there is no aggregate 'b=count'`],
    ['toString', `usage: there is no aggregate 'toString'`],
    ['sum', 'usage: sum needs a field'],
    ['sum()', `usage: 'sum()' is no aggregate`],
    ['sum(bytes', `usage: 'sum(bytes' is no aggregate`],
    ['', `usage: '' is no aggregate`],
  ])('%s: %s', (text, why) => {
    expect(failureOf(() => parseAggregate(text))).toBe(why);
  });
});

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
});
