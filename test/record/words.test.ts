import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitWords } from '../../src/record/words.ts';
import { anyCharacter } from '../helpers/envelopes.ts';

test.each([
  ['', []],
  [' \t\n\v\f\r', []],
  ['one', ['one']],
  ['  two\t words ', ['two', 'words']],
  ['no\u00a0break em\u2003space next\u0085line', ['no\u00a0break', 'em\u2003space', 'next\u0085line']],
  ['nul\u0000byte \u001c', ['nul\u0000byte', '\u001c']],
])('%j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test('property: as a split at ASCII white space', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(' ', '\t', '\n', '\v', '\f', '\r', '\u00a0', 'a'),
      fc.string({ unit: anyCharacter, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, (line) => {
      expect(splitWords(line)).toEqual(line.split(/[ \t\n\v\f\r]+/).filter((word) => word !== ''));
    }),
  );
});
