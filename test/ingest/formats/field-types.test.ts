import { describe, expect, test } from 'vitest';
import { isPlainNumber, numberAsJson, parseTypes } from '../../../src/ingest/formats/field-types.ts';
import { failureOf } from '../../helpers/envelopes.ts';

function isNumber(text: string, endsTight: boolean): boolean {
  const bytes = Buffer.from(`x${text}y`);
  return isPlainNumber(bytes, 1, bytes.length - 1, endsTight);
}

describe('a text is taken for a number where it comes back the same', () => {
  test.each([
    '0',
    '7',
    '-7',
    '200',
    '1.5',
    '-0.25',
    '0.000001',
    '123456789012345',
    '9007199254740991',
    '0.1',
    '0.30000000000000004',
    '-123456789.12345678',
    '0.123456789012345',
    '0.0000012345678901234567',
  ])('%s', (text) => {
    expect(isNumber(text, true)).toBe(true);
    expect(String(Number(text))).toBe(text);
  });

  test.each([
    '',
    '-',
    '.',
    '1.',
    '.5',
    '1e3',
    '007',
    '1.50',
    '-0',
    '+1',
    '9007199254740993',
    '0.0000001',
    '1.2.3',
    '1,5',
    '0x1f',
    ' 1',
    '1 ',
    'NaN',
    'Infinity',
    '--1',
    '12345678901234567890',
    '0.1234567890123456789',
    '0.300000000000000040',
    '0.123456789012345678',
    '1152921504606846976',
    '12345678901234567.5',
  ])('not %j', (text) => expect(isNumber(text, true)).toBe(false));

  test('seeded: what JavaScript writes without an exponent', () => {
    let seed = 7;
    for (let round = 0; round < 20_000; round += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const text = String((seed / 2_147_483_647) * 10 ** ((round % 20) - 6));
      if (/^\d+\.\d+$/.test(text)) expect(isNumber(text, true), text).toBe(true);
    }
  });

  test('seeded: never where it would change', () => {
    let seed = 7;
    const random = (below: number): number =>
      (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let round = 0; round < 20_000; round += 1) {
      const text = Array.from({ length: 1 + random(19) }, () => '0123456789.-'[random(12)]).join('');
      if (isNumber(text, true)) expect(String(Number(text))).toBe(text);
    }
  });
});

describe('a number by definition may end with zeros', () => {
  test.each(['0.000', '1.50', '200', '-1.0'])('%s', (text) => expect(isNumber(text, false)).toBe(true));
  test.each(['007', '1e3', '0.1, 0.2', '-', '', '1.', '12345678901234567890'])('not %j', (text) =>
    expect(isNumber(text, false)).toBe(false),
  );
});

describe('a number because the user says so keeps its digits', () => {
  test.each([
    ['9007199254740993', '9007199254740993'],
    ['007', '7'],
    ['1.50', '1.50'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1e3'],
    ['-.5e-3', '-0.5e-3'],
    ['000', '0'],
  ])('%s → %s', (text, json) => expect(numberAsJson(text)).toBe(json));

  test.each(['', 'x', '1 2', '1,5', '0x10', 'NaN'])('not %j', (text) =>
    expect(numberAsJson(text)).toBeUndefined(),
  );
});

test.each([
  ['status', /names no type/],
  ['status=', /there is no type ''/],
  ['status=int', /there is no type 'int'/],
  ['a=text,,b=text', /has an empty name/],
  ['=text', /names no type/],
])('--types %s is refused', (text, message) => expect(failureOf(() => parseTypes(text))).toMatch(message));
