import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStamp } from '../../src/time/stamps.ts';
import { utc, zoneNamed } from '../../src/time/zone.ts';

const now = Date.UTC(2026, 2, 1, 12);

/** RFC 3339 in UTC, or `none`. */
function read(text: string, zone = utc, at = now): string {
  const time = parseStamp(text, zone, at);
  return Number.isNaN(time) ? 'none' : new Date(time).toISOString().replace('.000Z', 'Z');
}

describe('RFC 3339', () => {
  test.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
    ['2026-03-01t10:00:00z', '2026-03-01T10:00:00Z'],
    ['2026-03-01 10:00:00Z', '2026-03-01T10:00:00Z'],
    ['2026-03-01T10:00:00+01:00', '2026-03-01T09:00:00Z'],
    ['2026-03-01T10:00:00-0330', '2026-03-01T13:30:00Z'],
    ['2026-03-01T10:00:00 +05', '2026-03-01T05:00:00Z'],
    ['2026-03-01T10:00:00.5Z', '2026-03-01T10:00:00.500Z'],
    ['2026-03-01T10:00:00,25Z', '2026-03-01T10:00:00.250Z'],
    ['2026-03-01T10:00:00.123456789Z', '2026-03-01T10:00:00.123Z'],
    ['2026-03-01T10:00:00.9999Z', '2026-03-01T10:00:00.999Z'],
    ['2026-03-01T10:00', '2026-03-01T10:00:00Z'],
    ['2026-03-01', '2026-03-01T00:00:00Z'],
    ['2026/03/01 10:00:00', '2026-03-01T10:00:00Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));

  test.each([
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T10:60:00Z',
    '2026-03-01T10:00:61Z',
    '2026-03-01T10:00:00.Z',
    '2026-03-01T10:00:00+24:00',
    '2026-03-01T10:00:00+01:60',
    '2026-03-01T10:00:00Z ',
    '2026-03-01T10:00:00Zulu',
    '2026-03-01X10:00:00Z',
    '2026-03/01 10:00:00',
    '2026-03-01T10',
    '2026-3-1T10:00:00Z',
    '0000-12-31T23:00:00Z',
    '',
    '-',
    'yesterday',
  ])('no time: %s', (text) => expect(read(text)).toBe('none'));

  test('without a zone it is the time of --tz', () => {
    expect(read('2026-03-01 10:00:00', zoneNamed('Europe/Berlin'))).toBe('2026-03-01T09:00:00Z');
    expect(read('2026-07-01', zoneNamed('Europe/Berlin'))).toBe('2026-06-30T22:00:00Z');
    expect(read('2026-03-01 10:00:00Z', zoneNamed('Europe/Berlin'))).toBe('2026-03-01T10:00:00Z');
  });

  test('property: what JavaScript writes is read back', () => {
    const times = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(times, (time) => {
        expect(parseStamp(new Date(time).toISOString(), utc, now)).toBe(time);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('logs of web servers', () => {
  test.each([
    ['10/Oct/2000:13:55:36 -0700', '2000-10-10T20:55:36Z'],
    ['[10/Oct/2000:13:55:36 -0700]', '2000-10-10T20:55:36Z'],
    ['[10/Oct/2000:13:55:36', '2000-10-10T13:55:36Z'],
    ['[10/Oct/2000:13:55:36]', '2000-10-10T13:55:36Z'],
    ['10/oct/2000:13:55:36.25', '2000-10-10T13:55:36.250Z'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));

  test.each([
    '10/Okt/2000:13:55:36',
    '31/Feb/2000:13:55:36',
    '10/Oct/2000 13:55:36',
    '10/Oct/2000:13:55:36 -0700] x',
  ])('no time: %s', (text) => expect(read(text)).toBe('none'));

  test('without a zone it is the time of --tz', () => {
    expect(read('[10/Oct/2000:13:55:36', zoneNamed('+02:00'))).toBe('2000-10-10T11:55:36Z');
  });
});

describe('syslog: no year', () => {
  test.each([
    ['Mar  1 10:00:00', '2026-03-01T10:00:00Z'],
    ['Mar 1 10:00:00', '2026-03-01T10:00:00Z'],
    ['<34>Feb 11 22:14:15', '2026-02-11T22:14:15Z'],
    ['Feb 11 22:14:15.5', '2026-02-11T22:14:15.500Z'],
    // Up to a day ahead of now is this year, what is later was last year.
    ['Mar  2 12:00:00', '2026-03-02T12:00:00Z'],
    ['Mar  2 12:00:01', '2025-03-02T12:00:01Z'],
    ['Dec 31 23:59:59', '2025-12-31T23:59:59Z'],
    ['Feb 29 10:00:00', '2024-02-29T10:00:00Z'],
    ['Mar  1 10:00:00 host', 'none'],
    ['Foo  1 10:00:00', 'none'],
    ['Feb 30 10:00:00', 'none'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));

  // As in the error log of Apache, and as `date` prints it.
  test.each([
    ['Sun Dec 04 04:47:44 2005', '2005-12-04T04:47:44Z'],
    ['Sun Mar  1 10:00:00.123456 2026', '2026-03-01T10:00:00.123Z'],
    ['[Sun Dec 04 04:47:44 2005]', '2005-12-04T04:47:44Z'],
    ['Mar  1 10:00:00 1999', '1999-03-01T10:00:00Z'],
    ['Sun Mar  1 10:00:00', '2026-03-01T10:00:00Z'],
    ['[Sun Dec 04 04:47:44 2005', 'none'],
    ['Sun Mar  1 10:00:00 26', 'none'],
    ['Sun Mar  1 10:00:00 2026 x', 'none'],
    ['Xyz Mar  1 10:00:00 2026', 'none'],
    ['Sun  Mar  1 10:00:00 2026', 'none'],
  ])('with a weekday or a year: %s', (text, expected) => expect(read(text)).toBe(expected));

  test('with a year in a zone', () => {
    expect(read('Sun Mar  1 10:00:00 2026', zoneNamed('+02:00'))).toBe('2026-03-01T08:00:00Z');
  });

  test('around new year', () => {
    const newYear = Date.UTC(2027, 0, 1, 0, 0, 5);
    expect(read('Dec 31 23:59:59', utc, newYear)).toBe('2026-12-31T23:59:59Z');
    expect(read('Jan  1 00:00:04', utc, newYear)).toBe('2027-01-01T00:00:04Z');
    const before = Date.UTC(2026, 11, 31, 23, 59);
    expect(read('Jan  1 00:00:04', utc, before)).toBe('2027-01-01T00:00:04Z');
    expect(read('Jan  1 00:30:00', zoneNamed('+14:00'), before)).toBe('2026-12-31T10:30:00Z');
  });

  test('the 29th of February across a century without one', () => {
    expect(read('Feb 29 10:00:00', utc, Date.UTC(2103, 5, 1))).toBe('2096-02-29T10:00:00Z');
  });
});

describe('numbers', () => {
  test.each([
    ['1772359200', '2026-03-01T10:00:00Z'],
    ['1772359200.123', '2026-03-01T10:00:00.123Z'],
    ['1772359200.9999', '2026-03-01T10:00:00.999Z'],
    ['1772359200123', '2026-03-01T10:00:00.123Z'],
    ['1772359200123999', '2026-03-01T10:00:00.123Z'],
    // As a number this would be rounded up into the next millisecond.
    ['1772359200123999999', '2026-03-01T10:00:00.123Z'],
    ['-1', '1969-12-31T23:59:59Z'],
    ['0', '1970-01-01T00:00:00Z'],
    ['99999999999', '5138-11-16T09:46:39Z'],
    ['100000000000', '1973-03-03T09:46:40Z'],
    ['99999999999999', '5138-11-16T09:46:39.999Z'],
    ['100000000000000', '1973-03-03T09:46:40Z'],
    ['100000000000000000', '1973-03-03T09:46:40Z'],
    ['-100000000000000001', '1966-10-31T14:13:19.999Z'],
    ['999999999999999999999', 'none'],
    ['12e3', 'none'],
    ['1.', 'none'],
    ['0x10', 'none'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));
});
