import { describe, expect, test } from 'vitest';
import { failureOf } from '../../helpers/envelopes.ts';
import { readLine, readLines } from './support.ts';

describe('regex', () => {
  test.each([
    ['^(?<level>\\w+): (?<text>.*)', 'INFO: all is "well"', { level: 'INFO', text: 'all is "well"' }],
    ['(?<n>\\d+)', 'took 12 ms', { n: 12 }],
    ['(?<a>x)|(?<b>.)', 'y', { a: null, b: 'y' }],
    ['(?<a>.)(?<b>.)', '☃ä', { a: '☃', b: 'ä' }],
  ])('%s', (pattern, line, record) => expect(readLine(`regex:${pattern}`, line)).toEqual(record));

  test('lines that do not match are rejected, empty ones passed over', () => {
    const { records, rejected, lines } = readLines('regex:^(?<n>\\d+)$', '1\r\nx\n\n2\n');
    expect({ records, rejected, lines }).toEqual({
      records: [{ n: 1 }, { n: 2 }],
      rejected: ['2: it does not match the pattern'],
      lines: 4,
    });
  });

  test('a pattern that would take for ever on a line gives up on that line alone', () => {
    const { records, rejected } = readLines('regex:^(?<a>(x+x+)+)y$', `xxy\n${'x'.repeat(60)}\nxxxy\n`);
    expect(records).toEqual([{ a: 'xx' }, { a: 'xxx' }]);
    expect(rejected).toEqual(['2: the pattern took longer than 250 ms on it']);
  });

  test.each([
    ['(', /^usage: --format regex: Invalid regular expression/],
    ['\\d+', /^usage: .* names no groups/],
  ])('%s is refused', (pattern, message) =>
    expect(failureOf(() => readLines(`regex:${pattern}`, ''))).toMatch(message),
  );
});
