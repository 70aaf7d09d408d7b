import * as fc from 'fast-check';
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

  test.each([
    ['--fields', { fields: 'a,bb' }, 'bb', `did you mean 'b'?`],
    ['--types', { types: 'price=number' }, 'price', 'it has: a, b'],
  ])('%s of a column that the only heading does not have', (_option, options, name, hint) => {
    const format = formatFrom({ format: 'csv', ...options }, failOnReject, { isOnlySource: true });
    expect(() => [...format.encode(Buffer.from('a,b\n1,2\n'), String, true)]).toThrow(
      expect.objectContaining({ exit: 'usage', message: `the heading has no field '${name}'`, hint }),
    );
  });

  test('of several files each may have other columns; what none has is told at the end', () => {
    const format = formatFrom({ format: 'csv', fields: 'a,b,cc', types: 'cc=text' }, failOnReject);
    for (const text of ['a,c\n1,2\n', 'b,c\n3,4\n'])
      expect([...format.encode(Buffer.from(text), String, true)]).toHaveLength(1);
    expect(format.warnings?.()).toEqual([
      { message: "no heading has a column 'cc'", hint: "did you mean 'c'?" },
    ]);
  });

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

  test.each([
    ['csv:;', 'a;b\n1,5;"x;y"\n', [{ a: '1,5', b: 'x;y' }]],
    ['csv:|', 'a|b\n1|\n', [{ a: 1, b: null }]],
    ['csv:\t', 'a\tb\n"1\t2"\t"say ""hi"""\n', [{ a: '1\t2', b: 'say "hi"' }]],
    [String.raw`csv:\t`, 'a\tb\n1\t2\n', [{ a: 1, b: 2 }]],
    ['csv: ', 'a b\n1 2\n', [{ a: 1, b: 2 }]],
    ['csv::', 'root:0\nbin:1\n', [{ root: 'bin', '0': 1 }]],
    ['csv:,', 'a,b\n1,2\n', [{ a: 1, b: 2 }]],
  ])('%j %j', (format, text, records) =>
    expect(readLines(format, text)).toMatchObject({ records, rejected: [] }),
  );

  test.each(['csv:', 'csv:;;', 'csv:"', 'csv:\n', 'csv:§', 'csv:ab'])('%j is no separator', (format) =>
    expect(failureOf(() => readLines(format, ''))).toMatch(
      /^usage: --format csv(: its separator is one character| wants its SEPARATOR)/,
    ),
  );

  test.each([
    ['csv', 'id;name\n', ["the heading is one column: --format 'csv:;' would make 2 of it"]],
    ['csv', 'a|b|c\n', ["the heading is one column: --format 'csv:|' would make 3 of it"]],
    ['csv', 'a\tb\n', ['the heading is one column: --format tsv would make 2 of it']],
    ['csv', 'id\n', []],
    ['csv', 'a,b;c\n', []],
    ['csv:;', 'a,b\n', ['the heading is one column: --format csv would make 2 of it']],
  ])('people are told of a heading that is not parted: %s %j', (format, text, expected) => {
    const said: string[] = [];
    const reading = formatFrom({ format }, failOnReject, { tell: (message) => said.push(message) });
    for (const time of [1, 2]) Array.from(reading.encode(Buffer.from(text), String, time === 1));
    expect(said).toEqual(expected);
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

describe('many lines at once are what they are one by one', () => {
  const value = fc.oneof(
    fc.constantFrom(
      '',
      '1',
      '-0',
      '007',
      '1.50',
      '0.5',
      '12345678901234567',
      '-',
      'ä',
      '"q"',
      '"a,b"',
      'a"b',
      '\\t',
      '\\',
      '\u0001',
      'a b',
      'x'.repeat(40),
    ),
    fc.integer().map(String),
    fc.double().map(String),
  );
  const text = (separator: string): fc.Arbitrary<string> =>
    fc
      .array(
        fc.tuple(
          fc.array(value, { minLength: 1, maxLength: 4 }),
          fc.constantFrom('\n', '\n', '\r\n', '\n\n'),
        ),
        { maxLength: 30 },
      )
      .map((lines) => lines.map(([values, end]) => values.join(separator) + end).join(''));

  test.each([
    ['csv', ','],
    ['tsv', '\t'],
  ])('%s', (name, separator) => {
    fc.assert(
      fc.property(
        text(separator),
        fc.constantFrom(undefined, 'b', 'a,c'),
        fc.constantFrom(undefined, 'b=text', 'a=number'),
        (lines, fields, types) => {
          const options = {
            format: name,
            header: 'a,b,c',
            ...(fields && { fields }),
            ...(types && { types }),
          };
          // A type of a field that is not read is refused.
          if (fields === 'b' && types === 'a=number') return;
          const together = readLines(options, lines);
          const apart = lines.split('\n').map((line) => readLines(options, `${line}\n`));
          expect(together.records).toEqual(apart.flatMap(({ records }) => records));
          expect(together.rejected.map((why) => why.replace(/^\d+/, ''))).toEqual(
            apart.flatMap(({ rejected }) => rejected).map((why) => why.replace(/^\d+/, '')),
          );
        },
      ),
    );
  });

  test('a heading of another file in between', () => {
    const format = formatFrom({ format: 'csv' }, failOnReject);
    const read = (lines: string): string =>
      Array.from(format.encode(Buffer.from(lines), String, true), ({ payload }) => payload.toString()).join(
        '',
      );
    for (let round = 0; round < 2; round += 1) {
      expect(read('a,b\n1,2\n')).toBe('{"a":1,"b":2}');
      expect(read('b,a\n1,2\n')).toBe('{"b":1,"a":2}');
      expect(read('1,2\n3,4\n')).toBe('{"1":3,"2":4}');
    }
  });
});
