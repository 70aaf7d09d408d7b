import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, type Json } from '../../../src/envelope/json.ts';
import { identityOf } from '../../../src/join/key.ts';
import { KeyBytes } from '../../../src/join/table/key-bytes.ts';
import { anyCharacter } from '../../helpers/envelopes.ts';

/** The key of some values, given as JSON texts; undefined where one is null. */
function bytesOf(texts: readonly string[]): string | undefined {
  const key = new KeyBytes(texts.length);
  const isWhole = texts.every((text) => key.add(Buffer.from(text), 0, Buffer.byteLength(text)));
  return isWhole ? Buffer.from(key.bytes.subarray(0, key.length)).toString('utf8') : undefined;
}

const digits = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom(
    '0',
    '-0',
    '1',
    '1.0',
    '1e0',
    '10',
    '1e1',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
  ),
  fc.constantFrom(
    '9007199254740992.0',
    '1e16',
    '10000000000000000',
    '123456789012345',
    '1e999',
    '1e400',
    '-7',
    '0.1',
    '0.10',
  ),
);
const text = fc
  .oneof(
    fc.constantFrom('a', '1', 'true', 'null', '\u0000[1]', 'a,b', '"', '\\'),
    fc.array(anyCharacter, { maxLength: 3 }).map((list) => list.join('')),
  )
  .chain((value) => fc.constantFrom(JSON.stringify(value), escaped(value)));
const value = fc.oneof(
  digits,
  text,
  fc.constantFrom('true', 'false', 'null', '[1]', '[1.0]', '{"a":1}', '{ "a": 1 }', '[]'),
);

/** Every character as an escape: the same text, other bytes. */
function escaped(characters: string): string {
  const units = Array.from({ length: characters.length }, (_, index) => characters.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

describe('keys are the same bytes where the join of two streams takes them for the same', () => {
  test.each([1, 2])('of %i fields', (fields) => {
    const key = fc.array(value, { minLength: fields, maxLength: fields });
    fc.assert(
      fc.property(key, key, (one, other) => {
        const [first, second] = [one, other].map((texts) => identityOf(texts.map(parseJson))) as [Json, Json];
        expect(bytesOf(one) === undefined).toBe(first === undefined);
        const isSame = first !== undefined && new Set([first, second]).size === 1;
        expect(bytesOf(one) !== undefined && bytesOf(one) === bytesOf(other)).toBe(isSame);
      }),
      { numRuns: 3000 },
    );
  });

  test('a value that was parsed has the same bytes', () => {
    fc.assert(
      fc.property(value, (one) => {
        const key = new KeyBytes(1);
        const isWhole = key.addJson(parseJson(one));
        expect(isWhole ? Buffer.from(key.bytes.subarray(0, key.length)).toString() : undefined).toBe(
          bytesOf([one]),
        );
      }),
    );
  });
});

test('what is no value is told', () => {
  for (const damaged of ['tru', '01', '"a', '"a\tb"', '1x', ''])
    expect(() => bytesOf([damaged])).toThrow(SyntaxError);
});
