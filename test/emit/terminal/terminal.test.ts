import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { showControls } from '../../../src/emit/terminal/controls.ts';
import { displayWidth, prepareWidths } from '../../../src/emit/terminal/width.ts';
import { anyCharacter } from '../../helpers/envelopes.ts';

test.each([
  ['plain é 漢', 'plain é 漢'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['a\tb\r\n', 'a\\tb\\r\\n'],
  ['\u009b31m\u007f', '\\x9b31m\\x7f'],
  ['left\u202eright\u2066', 'left\\u202eright\\u2066'],
])('%j on a terminal', (text, shown) => {
  expect(showControls(text)).toBe(shown);
});

test('property: no control and no direction of writing gets through', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(showControls(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 1000 },
  );
});

test('widths', async () => {
  const widths: [string, number][] = [
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['漢字', 4],
    ['😀', 2],
    ['e\u0301', 1],
  ];
  await prepareWidths(widths.map(([text]) => text));
  expect(widths.map(([text]) => displayWidth(text))).toEqual(widths.map(([, width]) => width));
});
