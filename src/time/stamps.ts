// Hot path. The forms of time stamps that are known without being told, each by what it begins with:
//
//   2026-03-01T10:00:00.5+01:00    RFC 3339 and ISO 8601, as in RFC 5424; a space for the T, slashes for dashes, no zone
//   [01/Mar/2026:10:00:00 +0100]   Apache's and nginx's logs, with or without brackets and zone
//   Mar  1 10:00:00                syslog, RFC 3164, with or without <priority>: no year, no zone
//   Sun Mar  1 10:00:00.5 2026     C's asctime, as in Apache's error log, with or without brackets: no zone
//   1772359200                     seconds, milliseconds, microseconds or nanoseconds since the epoch
import { inRange, wallTime } from './calendar.ts';
import { epochText } from './epoch.ts';
import { Scanner } from './scanner.ts';
import { instantOf, type Zone } from './zone.ts';

const space = 0x20;
const comma = 0x2c;
const dash = 0x2d;
const dot = 0x2e;
const slash = 0x2f;
const colon = 0x3a;
const lessThan = 0x3c;
const greaterThan = 0x3e;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const dayLength = 86_400_000;
const weekdays = new Set(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']);

/** Epoch milliseconds, or NaN where `text` is none of these. `now` tells the year of a stamp without one. */
export function parseStamp(text: string, zone: Zone, now: number): number {
  const first = text.charCodeAt(0);
  if (first === openBracket && text.charCodeAt(1) > 0x40 && text.endsWith(']'))
    return dateOfNames(text.slice(1, -1), zone, now);
  if (first === openBracket || text.charCodeAt(2) === slash) return commonLog(text, zone);
  const fifth = text.charCodeAt(4);
  if (fifth === dash || fifth === slash) return internet(text, zone);
  if (first === lessThan || first > 0x40) return dateOfNames(text, zone, now);
  return epochText(text);
}

function internet(text: string, zone: Zone): number {
  const scanner = new Scanner(text);
  const year = scanner.digits(4);
  const separator = text.charCodeAt(4);
  scanner.at = 5;
  const month = scanner.digits(2);
  if (!scanner.accept(separator)) return Number.NaN;
  const day = scanner.digits(2);
  if (scanner.isAtEnd) return instantIn(zone, wallTime(year, month, day, 0, 0, 0));
  // `T`, `t` or a space.
  if ((text.charCodeAt(10) & ~space) !== 0x54 && text.charCodeAt(10) !== space) return Number.NaN;
  scanner.at = 11;
  const hour = scanner.digits(2);
  if (!scanner.accept(colon)) return Number.NaN;
  const minute = scanner.digits(2);
  const seconds = scanner.accept(colon) ? secondsOf(scanner) : 0;
  return withOffset(scanner, wallTime(year, month, day, hour, minute, seconds), zone);
}

function commonLog(text: string, zone: Zone): number {
  const scanner = new Scanner(text);
  const hasBracket = scanner.accept(openBracket);
  const day = scanner.digits(2);
  if (!scanner.accept(slash)) return Number.NaN;
  const month = scanner.month();
  if (!scanner.accept(slash)) return Number.NaN;
  const year = scanner.digits(4);
  if (!scanner.accept(colon)) return Number.NaN;
  const hour = scanner.digits(2);
  if (!scanner.accept(colon)) return Number.NaN;
  const minute = scanner.digits(2);
  if (!scanner.accept(colon)) return Number.NaN;
  const wall = wallTime(year, month, day, hour, minute, secondsOf(scanner));
  // A column of white space has the opening bracket and not the closing one.
  return withOffset(scanner, wall, zone, hasBracket);
}

/** Of syslog and asctime. */
function dateOfNames(text: string, zone: Zone, now: number): number {
  const scanner = new Scanner(text);
  if (scanner.accept(lessThan)) {
    scanner.upTo(3);
    if (!scanner.accept(greaterThan)) return Number.NaN;
  } else if (text.charCodeAt(4) > 0x40 && weekdays.has(text.slice(0, 3).toLowerCase())) {
    scanner.at = 3;
    if (!scanner.accept(space)) return Number.NaN;
  }
  const month = scanner.month();
  if (!scanner.accept(space)) return Number.NaN;
  scanner.skipSpace();
  const day = scanner.upTo(2);
  if (!scanner.accept(space)) return Number.NaN;
  const hour = scanner.digits(2);
  if (!scanner.accept(colon)) return Number.NaN;
  const minute = scanner.digits(2);
  if (!scanner.accept(colon)) return Number.NaN;
  const seconds = secondsOf(scanner);
  const inYear = (year: number): number => instantIn(zone, wallTime(year, month, day, hour, minute, seconds));
  if (scanner.isAtEnd) return newestBefore(now, inYear);
  if (!scanner.accept(space)) return Number.NaN;
  const year = scanner.digits(4);
  return scanner.isAtEnd ? inYear(year) : Number.NaN;
}

/**
 * For a stamp without a year: in the latest year that has this date and puts it no more than a day ahead of `now`. Logs
 * tell of what was; the day is for clocks that are ahead, and zones.
 */
export function newestBefore(now: number, inYear: (year: number) => number): number {
  const limit = now + dayLength;
  const newest = new Date(limit).getUTCFullYear() + 1;
  // The 29th of February may be eight years ago.
  for (let year = newest; year >= newest - 9; year -= 1) {
    const time = inYear(year);
    if (time <= limit) return time;
  }
  return Number.NaN;
}

/** `SS`, with a fraction or without, in milliseconds. */
function secondsOf(scanner: Scanner): number {
  const seconds = scanner.digits(2) * 1000;
  return scanner.accept(dot) || scanner.accept(comma) ? seconds + scanner.fraction() : seconds;
}

function withOffset(scanner: Scanner, wall: number, zone: Zone, mayClose = false): number {
  scanner.accept(space);
  const hasOffset = !scanner.isAtEnd && !(mayClose && scanner.text.charCodeAt(scanner.at) === closeBracket);
  const time = hasOffset ? inRange(wall - scanner.offset()) : instantIn(zone, wall);
  if (mayClose) scanner.accept(closeBracket);
  return scanner.isAtEnd ? time : Number.NaN;
}

export function instantIn(zone: Zone, wall: number): number {
  return Number.isNaN(wall) ? wall : inRange(instantOf(zone, wall));
}
