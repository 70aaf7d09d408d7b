// --time-format: strptime's directives → a function. Each directive is a step that moves the scanner and says whether
// it fitted. White space in the format stands for any amount of it, none included.
import { SluiceError } from '../errors.ts';
import { inRange, isLeapYear, wallTime } from './calendar.ts';
import { Scanner } from './scanner.ts';
import { instantIn, newestBefore } from './stamps.ts';
import type { Zone } from './zone.ts';

/** What the directives of one stamp said. Undefined is what they did not. */
type Parts = {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  minute?: number;
  second?: number;
  milliseconds?: number;
  isAfternoon?: boolean;
  offset?: number;
  epoch?: number;
};

type NumberPart = Exclude<keyof Parts, 'isAfternoon'>;
type Step = (scanner: Scanner, parts: Parts) => boolean;

/** Digits, as many as there are up to so many. Ranges are checked where the parts are put together. */
const digits =
  (part: NumberPart, count: number): Step =>
  (scanner, parts) => {
    scanner.skipSpace();
    return isNumber((parts[part] = scanner.upTo(count)));
  };

const isNumber = (value: number): boolean => !Number.isNaN(value);
const word = (scanner: Scanner): string => {
  const [text = ''] = /^[A-Za-z]+/.exec(scanner.text.slice(scanner.at, scanner.at + 12)) ?? [];
  scanner.at += text.length;
  return text.toLowerCase();
};
const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const dayNames = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

/** The name in full or its first three letters. */
const indexOfName = (names: readonly string[], text: string): number =>
  names.findIndex((name) => name === text || name.slice(0, 3) === text);

const monthName: Step = (scanner, parts) => (parts.month = 1 + indexOfName(monthNames, word(scanner))) > 0;
const dayName: Step = (scanner) => indexOfName(dayNames, word(scanner)) >= 0;

const steps: Record<string, Step> = {
  Y: (scanner, parts) => isNumber((parts.year = scanner.digits(4))),
  y(scanner, parts) {
    const year = scanner.digits(2);
    parts.year = year + (year < 69 ? 2000 : 1900);
    return isNumber(year);
  },
  m: digits('month', 2),
  b: monthName,
  B: monthName,
  d: digits('day', 2),
  e: digits('day', 2),
  j: digits('dayOfYear', 3),
  a: dayName,
  A: dayName,
  H: digits('hour', 2),
  I(scanner, parts) {
    const hour = scanner.upTo(2);
    parts.isAfternoon ??= false;
    parts.hour = hour % 12;
    return hour >= 1 && hour <= 12;
  },
  p(scanner, parts) {
    const half = word(scanner);
    parts.isAfternoon = half === 'pm';
    return half === 'am' || half === 'pm';
  },
  M: digits('minute', 2),
  S: digits('second', 2),
  f: (scanner, parts) => isNumber((parts.milliseconds = scanner.fraction())),
  z: (scanner, parts) => isNumber((parts.offset = scanner.offset())),
  Z(scanner, parts) {
    parts.offset = 0;
    return ['utc', 'gmt', 'z'].includes(word(scanner));
  },
  s(scanner, parts) {
    const [text = ''] = /^-?\d+/.exec(scanner.text.slice(scanner.at, scanner.at + 20)) ?? [];
    scanner.at += text.length;
    return isNumber((parts.epoch = text === '' ? Number.NaN : Number(text) * 1000));
  },
  '%': literal('%'),
};

/** Directives that stand for several. */
const shorthands: Record<string, string> = { T: '%H:%M:%S', F: '%Y-%m-%d' };

export type StampReader = (text: string, zone: Zone, now: number) => number;

/** Epoch milliseconds of a text in this format, NaN where it does not fit. Throws SluiceError('usage') for the format. */
export function compileFormat(format: string): StampReader {
  const plain = format.replace(/%([TF])/g, (_, name: string) => shorthands[name] ?? '');
  const tokens = plain.match(/%[^]?|\s+|[^%\s]+/g) ?? [];
  checkDirectives(format, tokens);
  const sequence = tokens.map(stepOf);
  return (text, zone, now) => {
    const scanner = new Scanner(text);
    const parts: Parts = {};
    for (const step of sequence) if (!step(scanner, parts)) return Number.NaN;
    return scanner.isAtEnd ? timeOf(parts, zone, now) : Number.NaN;
  };
}

function stepOf(token: string): Step {
  if (token.startsWith('%')) return steps[token.slice(1)] as Step;
  if (/^\s/.test(token)) {
    return (scanner) => {
      scanner.skipSpace();
      return true;
    };
  }
  return literal(token);
}

function literal(text: string): Step {
  return (scanner) => {
    if (!scanner.text.startsWith(text, scanner.at)) return false;
    scanner.at += text.length;
    return true;
  };
}

function checkDirectives(format: string, tokens: readonly string[]): void {
  const stranger = tokens.find((token) => token.startsWith('%') && !Object.hasOwn(steps, token.slice(1)));
  const known = [...Object.keys(steps), ...Object.keys(shorthands)].map((name) => `%${name}`).join(' ');
  if (stranger !== undefined)
    throw new SluiceError('usage', `--time-format cannot have '${stranger}'`, `it knows ${known}`);
  const has = (...names: string[]): boolean => names.some((name) => tokens.includes(`%${name}`));
  const hasDate = has('s') || (has('Y', 'y') && has('j')) || (has('m', 'b', 'B') && has('d', 'e'));
  if (hasDate) return;
  throw new SluiceError(
    'usage',
    `--time-format '${format}' tells no date`,
    'it needs month and day, as in %Y-%m-%d; or %Y and %j, the day of the year; or %s, seconds since 1970',
  );
}

function timeOf(parts: Parts, zone: Zone, now: number): number {
  const { epoch, milliseconds = 0, year } = parts;
  if (epoch !== undefined) return inRange(epoch + milliseconds);
  if (year !== undefined) return timeIn(year, parts, zone);
  return newestBefore(now, (guess) => timeIn(guess, parts, zone));
}

function timeIn(year: number, parts: Parts, zone: Zone): number {
  const { dayOfYear, hour = 0, minute = 0, second = 0, milliseconds = 0, isAfternoon, offset } = parts;
  if (dayOfYear === 0 || (dayOfYear ?? 0) > (isLeapYear(year) ? 366 : 365)) return Number.NaN;
  const { month, day } = dayOfYear === undefined ? parts : { month: 1, day: 1 };
  const clock = [
    isAfternoon === true ? (hour % 12) + 12 : hour,
    minute,
    second * 1000 + milliseconds,
  ] as const;
  const first = wallTime(year, month ?? Number.NaN, day ?? Number.NaN, ...clock);
  const wall = dayOfYear === undefined ? first : first + (dayOfYear - 1) * 86_400_000;
  return offset === undefined ? instantIn(zone, wall) : inRange(wall - offset);
}
