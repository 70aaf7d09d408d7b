import { describe, expect, test } from 'vitest';
import { readLine, readLines } from './support.ts';

describe('logfmt', () => {
  test.each([
    ['a=1 b=x', { a: 1, b: 'x' }],
    ['  a=1\t b=x ', { a: 1, b: 'x' }],
    ['msg="a b" ok', { msg: 'a b', ok: true }],
    ['msg="a \\"b\\"\\n\\\\" n=2', { msg: 'a "b"\n\\', n: 2 }],
    ['a= b=""', { a: '', b: '' }],
    ['url=/a?b=c', { url: '/a?b=c' }],
    ['path=C:\\dir it="s"', { path: 'C:\\dir', it: 's' }],
    ['a=x"y', { a: 'x"y' }],
    ['a=1 a=2', { a: 2 }],
    ['ä=ö', { ä: 'ö' }],
    ['at.x=- v=007', { 'at.x': '-', v: '007' }],
  ])('%s', (line, record) => expect(readLine('logfmt', line)).toEqual(record));

  test.each([
    ['hello world', 'there is no key=value in it'],
    ['   ', 'there is no key=value in it'],
    ['a="b', 'a quote is not closed: "\\"b"'],
    ['a="b"c', 'there is something right behind a quote: "c"'],
    ['=b', 'there is no key in front of a value: "=b"'],
    ['a"b=c', 'there is a quote in a key: "a\\"b=c"'],
  ])('%j is rejected', (line, reason) =>
    expect(readLines('logfmt', `${line}\n`).rejected).toEqual([`1: ${reason}`]),
  );

  test('keys that change from line to line, and only those that are asked for', () => {
    const { records } = readLines(
      { format: 'logfmt', fields: 'b,c' },
      'a=1 b=2\nb=3 a=4 c=5\nd=6\nc=7 b=8\n',
    );
    expect(records).toEqual([{ b: 2 }, { b: 3, c: 5 }, {}, { c: 7, b: 8 }]);
  });

  test('more keys than anybody can mean', () => {
    const lines = Array.from({ length: 25_000 }, (_, index) => `k${index}=${index} same=1`);
    const { records } = readLines('logfmt', `${lines.join('\n')}\n`);
    expect(records[24_999]).toEqual({ k24999: 24_999, same: 1 });
    expect(records).toHaveLength(25_000);
  });
});
