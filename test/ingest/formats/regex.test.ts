import { describe, expect, test } from 'vitest';
import { failureOf } from '../../helpers/envelopes.ts';
import { knownPatterns } from '../../../src/ingest/formats/known-patterns.ts';
import { readLine, readLines } from './support.ts';

describe('regex', () => {
  test.each([
    ['^(?<level>\\w+): (?<text>.*)', 'INFO: all is "well"', { level: 'INFO', text: 'all is "well"' }],
    ['(?<n>\\d+)', 'took 12 ms', { n: 12 }],
    ['(?<a>x)|(?<b>.)', 'y', { a: null, b: 'y' }],
    ['(?<a>.)(?<b>.)', '☃ä', { a: '☃', b: 'ä' }],
  ])('%s', (pattern, line, record) => expect(readLine(`regex:${pattern}`, line)).toEqual(record));

  test.each([
    [
      'errors of Apache',
      '[Sun Mar 01 10:00:00 2026] [error] no such file',
      { level: 'error', message: 'no such file' },
    ],
    [
      'errors of Apache',
      '[Sun Mar 01 10:00:00.123 2026] [core:notice] [pid 7] up',
      { level: 'core:notice', message: '[pid 7] up' },
    ],
    [
      'Hadoop',
      '260301 100000 148 INFO dfs.DataNode$Responder: block 7: done',
      { component: 'dfs.DataNode$Responder', message: 'block 7: done' },
    ],
    [
      'Spark',
      '26/03/01 10:00:00 INFO storage.BlockManager: Found block',
      { time: '26/03/01 10:00:00', component: 'storage.BlockManager' },
    ],
    [
      'ZooKeeper',
      '2026-03-01 10:00:00,123 - WARN  [SendWorker:18:Quorum$Worker@68] - Interrupted',
      { thread: 'SendWorker:18', component: 'Quorum$Worker', line: 68 },
    ],
  ])('the pattern for %s', (name, line, record) => {
    const { pattern = '' } = knownPatterns.find((known) => known.name === name) ?? {};
    expect(readLine(`regex:${pattern}`, line)).toMatchObject(record);
  });

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
