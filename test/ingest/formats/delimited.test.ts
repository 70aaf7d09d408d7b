import { describe, expect, test } from 'vitest';
import { failureOf } from '../../helpers/envelopes.ts';
import { formatFrom } from '../../../src/ingest/formats/registry.ts';
import { failOnReject } from '../../../src/stage/rejects.ts';
import { readLines } from './support.ts';

describe('csv', () => {
  test.each([
    ['a,b\n1,x\n', [{ a: 1, b: 'x' }]],
    [
      'a,b\r\n1,x\r\n\r\n2,y\r\n',
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
    ],
    ['"a ""q""",b\n"x, ""y""",2\n', [{ 'a "q"': 'x, "y"', b: 2 }]],
    ['a,b,c\n,"",-\n', [{ a: null, b: '', c: '-' }]],
    ['a,,a\n1,2,3\n', [{ a: 1, column_2: 2, a_2: 3 }]],
    ['a\n"7"\n', [{ a: 7 }]],
    ['a,b\n', []],
  ])('%j', (text, records) => expect(readLines('csv', text)).toMatchObject({ records, rejected: [] }));

  test('lines that do not fit the heading are rejected', () => {
    const { records, rejected } = readLines('csv', 'a,b\n1\n1,2,3\n"x,2\n"x"y,2\nx"y,2\n3,4\n');
    expect(records).toEqual([{ a: 3, b: 4 }]);
    expect(rejected).toEqual([
      '2: it has 1 value for 2 columns',
      '3: it has 3 values for 2 columns',
      '4: the quote of value 1 is not closed',
      '5: there is something behind the quote of value 1',
      '6: there is a quote within value 1',
    ]);
  });

  test('columns by --header; a first line that says the same is none', () => {
    const options = { format: 'csv', header: 'a,b', fields: 'b' };
    expect(readLines(options, '1,2\na,b\n').records).toEqual([{ b: 2 }, { b: 'b' }]);
    expect(readLines(options, 'a,b\n1,2\n').records).toEqual([{ b: 2 }]);
  });

  test('each source has its own heading', () => {
    const format = formatFrom({ format: 'csv' }, failOnReject);
    const read = (text: string, isAtStart: boolean): string =>
      Array.from(format.encode(Buffer.from(text), String, isAtStart), ({ payload }) =>
        payload.toString(),
      ).join('');
    expect(read('a,b\n1,2\n', true)).toBe('{"a":1,"b":2}');
    expect(read('3,4\n', false)).toBe('{"a":3,"b":4}');
    expect(read('b,c\n5,6\n', true)).toBe('{"b":5,"c":6}');
  });

  test('a message in one piece may have line ends in quotes', () => {
    const format = formatFrom({ format: 'csv', header: 'a,b' }, failOnReject, { readsOn: true });
    const [encoded] = format.encodeOne?.(Buffer.from('1,"x\ny"'), 'here') ?? [];
    expect(encoded?.payload.toString()).toBe('{"a":1,"b":"x\\ny"}');
  });

  test('where the heading may be behind us the columns have to be named', () => {
    expect(failureOf(() => formatFrom({ format: 'csv' }, failOnReject, { readsOn: true }))).toMatch(
      /^usage: .* needs --header/,
    );
    expect(failureOf(() => formatFrom({ format: 'json', header: 'a' }, failOnReject))).toMatch(
      /^usage: --header does nothing/,
    );
    expect(failureOf(() => formatFrom({ format: 'csv', header: 'a', fields: 'b' }, failOnReject))).toMatch(
      /has no field 'b'/,
    );
  });
});

test('tsv has escapes and no quotes', () => {
  const { records, rejected } = readLines('tsv', 'a\tb\n1\tx\\ty \\\\ "z"\n\tC:\\dir\nx\n');
  expect(records).toEqual([
    { a: 1, b: 'x\ty \\ "z"' },
    { a: null, b: 'C:\\dir' },
  ]);
  expect(rejected).toEqual(['4: it has 1 value for 2 columns']);
});
