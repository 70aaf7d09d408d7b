import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { decodeRecords, encodeRecords, recordEnds, recordSlices } from '../../src/envelope/records.ts';
import { anyCharacter, failureOf } from '../helpers/envelopes.ts';

function slices(payload: string): string[] {
  return Array.from(recordSlices(Buffer.from(payload)), String);
}

describe('recordSlices', () => {
  test.each([
    ['', []],
    ['1', ['1']],
    ['"a,b","c"', ['"a,b"', '"c"']],
    ['"a\\",","b"', ['"a\\","', '"b"']],
    ['"\\\\","b"', ['"\\\\"', '"b"']],
    ['"\\\\\\"","b"', ['"\\\\\\""', '"b"']],
    ['[1,[2,3]],{"a":{"b":"}"},"c":[]},null', ['[1,[2,3]]', '{"a":{"b":"}"},"c":[]}', 'null']],
    [' 1 , "a" ', [' 1 ', ' "a" ']],
  ])('%s', (payload, expected) => {
    expect(slices(payload)).toEqual(expected);
  });

  test('property: as JSON.parse takes the array apart', () => {
    const json = fc.jsonValue({ stringUnit: anyCharacter });
    const spaced = fc.constantFrom(undefined, 1);
    fc.assert(
      fc.property(fc.array(json), spaced, (records, indent) => {
        const payload = JSON.stringify(records, undefined, indent).slice(1, -1).trim();
        const ends = Array.from(recordEnds(Buffer.from(payload)));
        expect(ends).toHaveLength(records.length);
        expect(slices(payload).map((slice) => JSON.parse(slice) as Json)).toEqual(JSON.parse(`[${payload}]`));
      }),
      { numRuns: 500 },
    );
  });
});

describe('decodeRecords', () => {
  test.each([
    {
      payload: '"a"',
      header: { n: 2, batch: 3, part: 1 },
      why: `batch 3, part 1 is damaged: field 'n' says 2, but there are 1 records`,
    },
    { payload: '"a', header: { n: 1, batch: 3 }, why: 'batch 3, part 0 is damaged: its records are no JSON' },
    { payload: '"a"],["b"', header: { n: 1 }, why: 'a block is damaged: its records are no JSON' },
  ])('$why', ({ payload, header, why }) => {
    expect(failureOf(() => decodeRecords({ header, payload: Buffer.from(payload) }))).toBe(`badData: ${why}`);
  });

  test('property: reads back what encodeRecords wrote, bigints too', () => {
    const big = fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n });
    const record = fc.oneof(fc.jsonValue() as fc.Arbitrary<Json>, big, fc.array(big), fc.record({ id: big }));
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const payload = encodeRecords(records);
        const read = decodeRecords({ header: { n: records.length }, payload });
        expect(encodeRecords(read).equals(payload)).toBe(true);
      }),
    );
  });
});
