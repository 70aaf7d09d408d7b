// Rows in pieces: their values, wherever a piece ends.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../src/envelope/json.ts';
import { Rows } from '../../src/emit/rows.ts';

test('values are those of all rows, whatever is in them', () => {
  const tricky = fc.constantFrom<unknown>(
    '},{',
    '"},{"',
    { a: [{}, {}] },
    [{ b: 1 }, { b: '},{' }],
    '\\',
    null,
    1,
    'ü',
  );
  const row = fc.oneof(tricky, fc.record({ a: tricky, b: tricky }), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.nat(3), (rows, times) => {
      // So long that there are several pieces.
      const long = { text: '},{'.repeat(20_000) };
      const all = [...rows, ...Array.from({ length: times }, () => [long, ...rows]).flat()];
      const texts = all.map((each) => JSON.stringify(each));
      expect([...Rows.of(texts).values()].flat()).toEqual(parseJson(`[${texts.join(',')}]`));
    }),
    { numRuns: 200 },
  );
});

test('as many as there have to be', () => {
  const payload = Buffer.from('{"a":1},{"a":2}');
  expect(() => [...new Rows(payload, 3, 'batch 0, part 0').values()]).toThrow(
    "batch 0, part 0 is damaged: field 'n' says 3, but there are 2 records",
  );
  expect(() => [...new Rows(Buffer.from('{"a":'), 1, 'x').values()]).toThrow('a record is no JSON');
});
