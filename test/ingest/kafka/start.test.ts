import { describe, expect, test } from 'vitest';
import { parseStart, type Start } from '../../../src/ingest/kafka/start.ts';
import { failureOf } from '../../helpers/envelopes.ts';

describe('where reading begins', () => {
  test.each<[string, boolean, boolean, Start]>([
    ['at the end, where it goes on for ever', false, false, { at: 'latest' }],
    ['at the beginning, where it has an end', false, true, { at: 'earliest' }],
    ['where a group has read, where there is one', true, false, { at: 'committed' }],
    ['where a group has read, also with an end', true, true, { at: 'committed' }],
  ])('unless it is said: %s', (_name, hasGroup, hasEnd, start) => {
    expect(parseStart(undefined, hasGroup, hasEnd)).toEqual(start);
  });

  test.each<[string, Start]>([
    ['earliest', { at: 'earliest' }],
    ['latest', { at: 'latest' }],
    ['2026-03-01T12:00:00Z', { time: 1_772_366_400_000 }],
    ['2026-03-01', { time: 1_772_323_200_000 }],
    ['2026-03-01T12:00:00.250+01:00', { time: 1_772_362_800_250 }],
    ['1772366400', { time: 1_772_366_400_000 }],
    ['1772366400000', { time: 1_772_366_400_000 }],
    ['{"orders":{"0":12,"1":-2,"10":-1}}', { offsets: { orders: { 0: 12, 1: -2, 10: -1 } } }],
    ['{"a":{"0":0},"b":{}}', { offsets: { a: { 0: 0 }, b: {} } }],
    ['{}', { offsets: {} }],
  ])('%s', (text, start) => {
    expect(parseStart(text, false, false)).toEqual(start);
  });

  test('committed is for a group', () => {
    expect(parseStart('committed', true, false)).toEqual({ at: 'committed' });
    expect(failureOf(() => parseStart('committed', false, false))).toBe(
      'usage: --start committed needs --group',
    );
  });

  test.each(['', 'begin', 'Earliest', 'yesterday', '-1', '12:00', 'earliest ', '[1]'])('not %j', (text) => {
    expect(failureOf(() => parseStart(text, true, true))).toBe(
      `usage: --start: '${text}' is no place in a topic`,
    );
  });

  test.each([
    '{',
    '{"orders":12}',
    '{"orders":null}',
    '{"orders":[12,7]}',
    '{"orders":"1"}',
    '{"orders":{"0":"12"}}',
    '{"orders":{"0":-3}}',
    '{"orders":{"0":1.5}}',
    '{"orders":{"0":1e300}}',
    '{"orders":{"0":null}}',
    '{"orders":{"first":1}}',
    '{"orders":{"-1":1}}',
    '{"orders":{"0":1}} more',
  ])('no table of offsets: %s', (text) => {
    expect(failureOf(() => parseStart(text, false, false))).toBe(
      `usage: --start: ${text} is no table of offsets`,
    );
  });
});
