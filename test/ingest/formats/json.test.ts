import { describe, expect, test } from 'vitest';
import { formatFrom } from '../../../src/ingest/formats/registry.ts';
import { failOnReject, type Rejects } from '../../../src/stage/rejects.ts';
import { failureOf } from '../../helpers/envelopes.ts';

function encode(
  text: string,
  rejects: Rejects = failOnReject,
): { payload: string; count: number; lines: number } {
  const pieces = [
    ...formatFrom({ format: 'json' }, rejects).encode(
      Buffer.from(text),
      (line) => `a.json, line ${11 + line}`,
    ),
  ].filter(({ count, lines }) => count + lines > 0);
  return {
    payload: pieces
      .filter(({ count }) => count > 0)
      .map(({ payload }) => payload.toString())
      .join(','),
    count: pieces.reduce((sum, { count }) => sum + count, 0),
    lines: pieces.reduce((sum, { lines }) => sum + lines, 0),
  };
}

describe('json', () => {
  test.each([
    ['records keep their own bytes', '{"a": 1.0}\n"x"\n', '{"a": 1.0},"x"', 2, 2],
    ['big integers stay as written', '9007199254740993\n', '9007199254740993', 1, 1],
    ['empty lines and lines of spaces are passed over', '\n1\n  \r\n2\r\n\n', '1,2', 2, 5],
    ['nothing but empty lines', '\n\n', '', 0, 2],
  ])('%s', (_name, text, payload, count, lines) => {
    expect(encode(text)).toEqual({ payload, count, lines });
  });

  test('a line that is no JSON is an error that names its place', () => {
    expect(failureOf(() => encode('1\n\n{"a":\n'))).toMatch(/^badData: a\.json, line 13: no JSON: /);
  });

  test('a line that is no UTF-8 is decoded with U+FFFD, and counted', () => {
    const format = formatFrom({ format: 'json' }, failOnReject);
    const region = Buffer.from('"a"\n"b\xff\xfe"\n"\xc3\xa4"\n', 'latin1');
    const payloads = Array.from(
      format.encode(region, (line) => `a, line ${1 + line}`),
      ({ payload }) => payload.toString(),
    );
    expect(payloads.join('')).toBe('"a","b\uFFFD\uFFFD","\u00e4"');
    expect(format.counters()).toEqual({ damaged: 1 });
    expect(format.counters()).toEqual({ damaged: 0 });
  });

  test('lines that are rejected are left out', () => {
    const rejected: [unknown, string][] = [];
    const rejects: Rejects = {
      reject: (record, place) => rejected.push([record, place]),
      takeCount: () => 0,
    };
    expect(encode('1\nx y\n2\n3 4\n', rejects)).toEqual({ payload: '1,2', count: 2, lines: 4 });
    expect(rejected).toEqual([
      ['x y', 'a.json, line 12'],
      ['3 4', 'a.json, line 14'],
    ]);
  });
});
