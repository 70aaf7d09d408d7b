import { describe, expect, test } from 'vitest';
import { parsePipelineText } from '../../src/plan/pipeline-text.ts';
import { failureOf } from '../helpers/envelopes.ts';

const words = (text: string): string[][] =>
  parsePipelineText(text).map((stage) => stage.map((word) => word.text));

describe('words', () => {
  test.each([
    ['a b|c', [['a', 'b'], ['c']]],
    ["a 'b c' | d", [['a', 'b c'], ['d']]],
    ['a "b \\" c" | d', [['a', 'b " c'], ['d']]],
    ['a \'$9\'"x"y | d', [['a', '$9xy'], ['d']]],
    ['a \\| b | d', [['a', '|', 'b'], ['d']]],
    ["a '' | d", [['a', ''], ['d']]],
    ['sluice a | sluice b', [['a'], ['b']]],
    ['a # not | this\n| b\n# nor this', [['a'], ['b']]],
    ['a \\\n  b | c', [['a', 'b'], ['c']]],
    ['a#b | c', [['a#b'], ['c']]],
  ])('%j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});

describe('what is wrong is pointed at', () => {
  test.each([
    ['', 'a stage is missing here\n    \n    ^'],
    ['a | | b', 'a stage is missing in front of this |\n    a | | b\n        ^'],
    ['a |', 'a stage is missing here\n    a |\n       ^'],
    ["a 'b | c", "this quote is not closed\n    a 'b | c\n      ^"],
    ['x\ny "b', 'this quote is not closed\n    y "b\n      ^'],
  ])('%j', (text, message) => {
    expect(failureOf(() => parsePipelineText(text))).toBe(`usage: ${message}`);
  });
});
