import { describe, expect, test } from 'vitest';
import { compileFormat } from '../../src/time/format.ts';
import { utc, zoneNamed } from '../../src/time/zone.ts';
import { failureOf } from '../helpers/envelopes.ts';

const now = Date.UTC(2026, 2, 1, 12);

function read(format: string, text: string, zone = utc): string {
  const time = compileFormat(format)(text, zone, now);
  return Number.isNaN(time) ? 'none' : new Date(time).toISOString().replace('.000Z', 'Z');
}

test.each([
  ['%Y-%m-%d %H:%M:%S', '2026-03-01 10:00:00', '2026-03-01T10:00:00Z'],
  ['%F %T', '2026-03-01 10:00:00', '2026-03-01T10:00:00Z'],
  ['%FT%T.%f%z', '2026-03-01T10:00:00.123456+0100', '2026-03-01T09:00:00.123Z'],
  ['%d.%m.%y %H:%M', '01.03.26 10:00', '2026-03-01T10:00:00Z'],
  ['%d.%m.%y', '01.03.70', '1970-03-01T00:00:00Z'],
  ['%d %b %Y', '1 Mar 2026', '2026-03-01T00:00:00Z'],
  ['%d %B %Y', '1 march 2026', '2026-03-01T00:00:00Z'],
  ['%e %b %Y', ' 1 May 2026', '2026-05-01T00:00:00Z'],
  ['%a, %d %b %Y %H:%M:%S %Z', 'Sun, 01 Mar 2026 10:00:00 GMT', '2026-03-01T10:00:00Z'],
  ['%A %d %b %Y', 'Sunday 01 Mar 2026', '2026-03-01T00:00:00Z'],
  ['%Y %j', '2024 366', '2024-12-31T00:00:00Z'],
  ['%Y %j', '2025 366', 'none'],
  ['%Y %j', '2025 000', 'none'],
  ['%s', '1772359200', '2026-03-01T10:00:00Z'],
  ['%s.%f', '1772359200.5', '2026-03-01T10:00:00.500Z'],
  ['%I:%M %p %F', '12:05 AM 2026-03-01', '2026-03-01T00:05:00Z'],
  ['%p %I:%M %F', 'pm 12:05 2026-03-01', '2026-03-01T12:05:00Z'],
  ['%F %I:%M%p', '2026-03-01 3:05PM', '2026-03-01T15:05:00Z'],
  ['%F %I:%M%p', '2026-03-01 13:05PM', 'none'],
  ['%F%%%H', '2026-03-01%10', '2026-03-01T10:00:00Z'],
  ['%b %e %T', 'Feb 11 22:14:15', '2026-02-11T22:14:15Z'],
  ['%b %e %T', 'Apr 11 22:14:15', '2025-04-11T22:14:15Z'],
  ['[%d/%b/%Y:%T %z]', '[10/Oct/2000:13:55:36 -0700]', '2000-10-10T20:55:36Z'],
  ['%F  %T', '2026-03-01      10:00:00', '2026-03-01T10:00:00Z'],
  ['%Y-%m-%d', '2026-03-01 10:00:00', 'none'],
  ['%Y-%m-%d', '2026-02-30', 'none'],
  ['%F %T', '2026-03-01 25:00:00', 'none'],
  ['%F %Z', '2026-03-01 CET', 'none'],
])('%s of %s', (format, text, expected) => expect(read(format, text)).toBe(expected));

test('without %z it is the time of the zone', () => {
  expect(read('%F %T', '2026-07-01 10:00:00', zoneNamed('Europe/Berlin'))).toBe('2026-07-01T08:00:00Z');
});

describe('refused', () => {
  test.each([
    ['%Y-%m-%q', "usage: --time-format cannot have '%q'"],
    ['%Y-%m-%d %', "usage: --time-format cannot have '%'"],
    ['%H:%M:%S', "usage: --time-format '%H:%M:%S' tells no date"],
    ['%Y-%m', "usage: --time-format '%Y-%m' tells no date"],
    ['yesterday', "usage: --time-format 'yesterday' tells no date"],
  ])('%s', (format, message) => expect(failureOf(() => compileFormat(format))).toBe(message));
});
