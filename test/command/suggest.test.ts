import { expect, test } from 'vitest';
import { closest } from '../../src/command/suggest.ts';

const stages = ['ingest', 'batch', 'window', 'reduce', 'emit'];

test.each([
  ['ingset', 'ingest'],
  ['bach', 'batch'],
  ['windows', 'window'],
  ['red', 'reduce'],
  ['emit', 'emit'],
  ['wi', 'window'],
  ['e', undefined],
  ['kafka', undefined],
  ['', undefined],
])('%s: %s', (word, expected) => {
  expect(closest(word, stages)).toBe(expected);
});
