import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { showControls } from '../../../src/emit/terminal/controls.ts';
import { PipelineReport } from '../../../src/emit/terminal/pipeline-report.ts';
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

test('what the pipeline does, in one line', () => {
  const report = new PipelineReport(1000);
  expect(report.line(1000)).toBe('waiting for the first batch');
  const ingest = {
    stage: 'ingest',
    in: 0,
    out: 1200,
    bytes: 1,
    ms: 100,
    done: 30,
    total: 120_000_000,
    cut: 2,
  };
  report.add([ingest, { stage: 'reduce', in: 1200, out: 1, bytes: 1, ms: 1220, rejected: 1 }], 12);
  expect(report.line(3000)).toBe(
    'batch 12 · 1.2k records (600/s) · 0% of 120 MB · busiest: reduce 61% · 1 rejected · 2 cut',
  );
});
