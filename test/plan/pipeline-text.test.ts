import { describe, expect, test } from 'vitest';
import { parsePipelineText } from '../../src/plan/pipeline-text.ts';
import { failureOf } from '../helpers/envelopes.ts';

const words = (text: string): string[][][] =>
  parsePipelineText(text).map((stages) => stages.map((stage) => stage.map((word) => word.text)));

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
    expect(words(text)).toEqual([expected]);
  });

  test.each([
    [
      'a | b; c|d',
      [
        [['a'], ['b']],
        [['c'], ['d']],
      ],
    ],
    ['a x;b', [[['a', 'x']], [['b']]]],
    ['a \';\' \\; ";" x#;y', [[['a', ';', ';', ';', 'x#']], [['y']]]],
    ['a # not ; this\n;\nsluice b', [[['a']], [['b']]]],
  ])('pipelines: %j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});

describe('what is wrong is pointed at', () => {
  test.each([
    ['', 'there is no stage in the pipeline'],
    [' # nothing', 'there is no stage in the pipeline'],
    ['a | | b', 'a stage is missing in front of this |\n    a | | b\n        ^'],
    ['a |', 'a stage is missing behind this |\n    a |\n      ^'],
    ['a |  # b\n', 'a stage is missing behind this |\n    a |  # b\n      ^'],
    ['a | ; b', 'a stage is missing in front of this ;\n    a | ; b\n        ^'],
    ['| b', 'a stage is missing in front of this |\n    | b\n    ^'],
    ['; b', 'a pipeline is missing in front of this ;\n    ; b\n    ^'],
    ['a ; ; b', 'a pipeline is missing in front of this ;\n    a ; ; b\n        ^'],
    ['a ; | b', 'a stage is missing in front of this |\n    a ; | b\n        ^'],
    ['a | b ; # c', 'a pipeline is missing behind this ;\n    a | b ; # c\n          ^'],
    ['a | b\n;\n\n', 'a pipeline is missing behind this ; (line 2)\n    ;\n    ^'],
    ["a 'b | c", "this quote is not closed\n    a 'b | c\n      ^"],
    ['x\ny "b', 'this quote is not closed (line 2)\n    y "b\n      ^'],
    ['\ta\t|', 'a stage is missing behind this |\n     a |\n       ^'],
  ])('%j', (text, message) => {
    expect(failureOf(() => parsePipelineText(text))).toBe(`usage: ${message}`);
  });
});
