import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordEnds } from '../../src/envelope/records.ts';
import { MemberScanner, plainValue, recordEnd } from '../../src/map/member-scanner.ts';

const latin1 = (json: string): string => Buffer.from(json).toString('latin1');

function valuesOf(json: string, names: string[]): unknown[] {
  const scanner = new MemberScanner(names);
  const text = latin1(json);
  expect(scanner.scan(text, 0)).toBe(text.length);
  return Array.from(scanner.places, (place) => (place === -1 ? 'none' : plainValue(text, place)));
}

describe('members of an object', () => {
  test.each<[string, string[], unknown[]]>([
    ['{"a":1,"b":"x"}', ['a', 'b', 'c'], [1, 'x', 'none']],
    ['{"a":-1.5,"b":0,"c":12345}', ['a', 'b', 'c'], [-1.5, 0, 12345]],
    ['{"a":true,"b":false,"c":null}', ['a', 'b', 'c'], [true, false, null]],
    [' { "a" : 1 , "b" : 2 } ', ['a', 'b'], [1, 2]],
    ['{"x":{"a":1},"y":[{"a":2}],"a":3}', ['a'], [3]],
    ['{"x":"\\"a\\":1","a":3}', ['a'], [3]],
    ['{"x":"}","a":"]"}', ['a'], [']']],
    ['{"a":1,"a":2}', ['a'], [2]],
    ['{"ä":1}', ['ä'], [1]],
    ['{}', ['a'], ['none']],
    // Whoever asks parses these.
    ['{"a":"\\n"}', ['a'], [undefined]],
    ['{"a":"ä"}', ['a'], [undefined]],
    ['{"a":1e3}', ['a'], [undefined]],
    ['{"a":12345678901234567}', ['a'], [undefined]],
    ['{"a":[1]}', ['a'], [undefined]],
    ['{"a":{"b":1}}', ['a'], [undefined]],
  ])('%s', (json, names, expected) => {
    expect(valuesOf(json, names)).toEqual(expected);
  });

  test.each(['{"\\u0061":1}', '{"b":1,"\\"":2}', '"{"', '[{"a":1}]', '7'])('%s is not plain', (json) => {
    const scanner = new MemberScanner(['a']);
    scanner.scan(json, 0);
    expect(scanner.isPlain).toBe(false);
  });
});

test('records end where recordEnds says, whatever they are and whatever space is between them', () => {
  const spaced = fc
    .tuple(fc.json(), fc.constantFrom('', ' ', '\n'))
    .map(([json, space]) => space + json + space);
  fc.assert(
    fc.property(fc.array(spaced, { minLength: 1 }), fc.boolean(), (records, byMember) => {
      const payload = Buffer.from(records.join(','));
      const text = payload.toString('latin1');
      const scanner = new MemberScanner(['a']);
      const ends: number[] = [];
      for (let start = 0; start <= text.length && ends.at(-1) !== text.length;) {
        const end = byMember ? scanner.scan(text, start) : recordEnd(text, start);
        ends.push(end);
        start = end + 1;
      }
      expect(ends).toEqual([...recordEnds(payload)]);
    }),
  );
});

test('a damaged payload ends the walk', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '1', ' ', 't') }),
      fc.nat(3),
      (text, start) => {
        expect(new MemberScanner(['a']).scan(text, Math.min(start, text.length))).toBeLessThanOrEqual(
          text.length,
        );
        expect(recordEnd(text, 0)).toBeLessThanOrEqual(text.length);
      },
    ),
  );
});
