import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparatorFor, compareText } from '../../src/envelope/order.ts';
import { anyCharacter } from '../helpers/envelopes.ts';

/** Rich in what sorts differently by UTF-16 units and by UTF-8 bytes. */
const unit = fc.constantFrom(
  '',
  'a',
  'z',
  'é',
  '\u0000',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
);
const text = fc.oneof(
  fc.array(unit, { maxLength: 5 }).map((units) => units.join('')),
  fc.string({ unit: anyCharacter }),
);
/** Units of any kind, lone surrogates too; such text has no UTF-8 of its own. */
const brokenText = fc
  .array(fc.constantFrom('a', '\ud83d', '\ude00', '\ud800', '\uffff', '\u{1f600}'), { maxLength: 4 })
  .map((units) => units.join(''));

test('property: the order of UTF-8 bytes', () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      const expected = Buffer.compare(Buffer.from(one), Buffer.from(other));
      expect(Math.sign(compareText(one, other))).toBe(expected);
      expect(Math.sign(comparatorFor([one, other])(one, other))).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test('property: lone surrogates have a place of their own, so that sorting is never left to chance', () => {
  fc.assert(
    fc.property(brokenText, brokenText, brokenText, (one, other, third) => {
      expect(Math.sign(compareText(one, other)) + Math.sign(compareText(other, one))).toBe(0);
      expect(compareText(one, other) === 0).toBe(one === other);
      if (compareText(one, other) <= 0 && compareText(other, third) <= 0)
        expect(compareText(one, third)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 1000 },
  );
});
