import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration, valueKinds } from '../../src/command/values.ts';
import { failureOf } from '../helpers/envelopes.ts';

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1.5s', 1500],
    ['16.1s', 16_100],
    ['1.1h', 3_960_000],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(['', '10', 's', '-1s', '10 s', '1e3s', '10sec', '1,5s', '10S'])('%j is no duration', (text) => {
    expect(failureOf(() => parseDuration(text))).toBe(`usage: '${text}' is no duration`);
  });

  test.each(['0s', '0.5ms', '1.0001s', '999999999999d'])('%s is no usable one', (text) => {
    expect(failureOf(() => parseDuration(text))).toBe(`usage: '${text}' is no usable duration`);
  });

  test('property: what is shown is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  test('property: milliseconds as a fraction of seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), (milliseconds) => {
        expect(parseDuration(`${(milliseconds / 1000).toFixed(3)}s`)).toBe(milliseconds);
      }),
    );
  });

  test('nothing is 0s', () => expect(formatDuration(0)).toBe('0s'));
});

describe.each([
  {
    kind: 'size',
    fits: [
      ['65536', 65_536],
      ['1B', 1],
      ['64KiB', 65_536],
      ['1K', 1024],
      ['10MB', 10_000_000],
      ['1M', 1_048_576],
      ['1.5GiB', 1_610_612_736],
      ['300k', 307_200],
      ['2kb', 2000],
      ['1mib', 1_048_576],
    ],
    fails: ['', '0', '-1', '1 K', '1kk', '1TB', '1e3', '0x10', '1.2.3'],
  },
  {
    kind: 'count',
    fits: [
      ['1', 1],
      ['007', 7],
      ['9007199254740991', 9007199254740991],
    ],
    fails: ['', '0', '-1', '1.5', '1e3', '9007199254740992', 'x'],
  },
  {
    kind: 'limit',
    fits: [
      ['0', 0],
      ['5', 5],
    ],
    fails: ['', '-1', '0.5'],
  },
  {
    kind: 'fraction',
    fits: [
      ['0.01', 0.01],
      ['.5', 0.5],
      ['1%', 0.01],
      ['100%', 1],
      ['1', 1],
    ],
    fails: ['', '0', '0%', '1.1', '101%', '-0.5', '1e-2', '%'],
  },
] as const)('$kind', ({ kind, fits, fails }) => {
  test.each([...fits])('%s', (text, value) => expect(valueKinds[kind].parse(text)).toBe(value));
  test.each([...fails])('%j is refused', (text) => {
    expect(failureOf(() => valueKinds[kind].parse(text))).toMatch(
      /^usage: '.*' is no (size|count|limit|fraction)$/,
    );
  });
});

describe('rates', () => {
  test.each([
    ['10000', 10_000],
    ['10000/s', 10_000],
    ['600/m', 10],
    ['1800/h', 0.5],
  ])('%s', (text, perSecond) => expect(valueKinds.rate.parse(text)).toBe(perSecond));

  test.each(['', '0', '-1', '1.5', '10/d', '/s', '10 /s', '1e3', '10/'])('%j is none', (text) => {
    expect(failureOf(() => valueKinds.rate.parse(text))).toBe(`usage: '${text}' is no rate`);
  });
});
