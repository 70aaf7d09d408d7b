import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, stringifyJson, type Json } from '../../src/envelope/json.ts';
import { anyCharacter } from '../helpers/envelopes.ts';

/** Sixteen digits in a row make parseJson take the lossless way. */
const longDigits = '"1234567890123456"';

describe('parseJson', () => {
  test.each<[string, Json]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['[1,9007199254740993,"9007199254740993"]', [1, 9007199254740993n, '9007199254740993']],
    ['{"id":9007199254740993,"n":1.5}', { id: 9007199254740993n, n: 1.5 }],
    ['{"id":1,"id":9007199254740993}', { id: 9007199254740993n }],
    ['0.12345678901234567', Number('0.12345678901234567')],
    ['12345678901234567e1', Number('12345678901234567e1')],
    ['"a 9007199254740993"', 'a 9007199254740993'],
    ['[1234567890123456,1e3,-1E-2]', [1234567890123456, 1000, -0.01]],
  ])('%s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test('two ids that JSON.parse would take for one stay two', () => {
    expect(stringifyJson(parseJson('[9007199254740992,9007199254740993]'))).toBe(
      '[9007199254740992,9007199254740993]',
    );
  });

  test.each(['{"__proto__":{"x":1},"id":9007199254740993}', '{"constructor":1,"id":9007199254740993}'])(
    'own members only: %s',
    (text) => {
      expect(stringifyJson(parseJson(text))).toBe(text);
    },
  );

  test.each(['', '[9007199254740993', '[01]', '{"a":9007199254740993,}', '[9007199254740993] x'])(
    'is no JSON: %s',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  test('property: the lossless way gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: anyCharacter }), (text) => {
        const wrapped = `[${longDigits},${text}]`;
        // Integers beyond 2^53 are bigints here; JSON.parse rounds them again.
        const parsed = stringifyJson(parseJson(wrapped));
        expect(JSON.parse(parsed)).toEqual(JSON.parse(wrapped));
      }),
    );
  });
});

describe('stringifyJson', () => {
  test('property: as JSON.stringify where there is no bigint', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: anyCharacter }), (value) => {
        expect(stringifyJson(value as Json)).toBe(JSON.stringify(value));
      }),
    );
  });

  test('property: any integer comes back as it was', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        expect(stringifyJson(parseJson(value.toString()))).toBe(value.toString());
      }),
    );
  });
});
