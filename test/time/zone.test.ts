import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf, zoneNamed } from '../../src/time/zone.ts';
import { failureOf } from '../helpers/envelopes.ts';

const instant = (zone: string, wall: string): string =>
  new Date(instantOf(zoneNamed(zone), Date.parse(`${wall}Z`))).toISOString().replace(':00.000Z', 'Z');

describe('clocks that change', () => {
  test.each([
    // Berlin, 29 March 2026: 02:00 becomes 03:00, at 01:00 UTC.
    ['Europe/Berlin', '2026-03-29T01:59', '2026-03-29T00:59Z'],
    ['Europe/Berlin', '2026-03-29T02:00', '2026-03-29T01:00Z'],
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30Z'],
    ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00Z'],
    // 25 October 2026: 03:00 becomes 02:00, at 01:00 UTC; 02:30 comes twice, the first is meant.
    ['Europe/Berlin', '2026-10-25T01:59', '2026-10-24T23:59Z'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30Z'],
    ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00Z'],
    // Half an hour, and a day that begins at 01:00.
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45Z'],
    ['Asia/Beirut', '2026-03-29T00:00', '2026-03-28T22:00Z'],
    // Samoa left out 30 December 2011.
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T22:00Z'],
    ['+05:30', '2026-03-01T00:00', '2026-02-28T18:30Z'],
    ['-0800', '2026-03-01T00:00', '2026-03-01T08:00Z'],
  ])('%s, %s', (zone, wall, expected) => expect(instant(zone, wall)).toBe(expected));
});

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
];

/** What Intl says a wall clock shows. */
function wallOf(zone: string, time: number): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** Seconds, half of them within some hours of a change in 2026. */
const seconds = fc.oneof(
  fc.integer({ min: -1_500_000_000, max: 4_000_000_000 }),
  fc.integer({ min: -20_000, max: 20_000 }).map((near) => Date.UTC(2026, 2, 29, 1) / 1000 + near),
  fc.integer({ min: -20_000, max: 20_000 }).map((near) => Date.UTC(2026, 10, 1, 6) / 1000 + near),
);

test('property: as Intl has it; and a wall clock leads back, to the first of two times that look the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), seconds, (name, second) => {
      const zone = zoneNamed(name);
      const time = second * 1000;
      const wall = wallOf(name, time);
      expect(time + zone.offsetAt(time)).toBe(wall);
      const first = instantOf(zone, wall);
      expect(first).toBeLessThanOrEqual(time);
      expect(wallOf(name, first)).toBe(wall);
    }),
    { numRuns: 300 },
  );
});

test('names', () => {
  expect(zoneNamed('utc').name).toBe('UTC');
  expect(zoneNamed('local').name).not.toBe('local');
  expect(failureOf(() => zoneNamed('Europe/Nowhere'))).toBe("usage: there is no time zone 'Europe/Nowhere'");
});
