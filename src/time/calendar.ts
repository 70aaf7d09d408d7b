// Hot path. Dates and times of day → milliseconds, as whole numbers. NaN stands for what does not exist.

const dayLength = 86_400_000;

/** What a reader of stamps takes for a time: the years 1 to 9999, in which each time can be written down. */
const earliest = -62_135_596_800_000;
const latest = 253_402_300_799_999;

/** `time`, or NaN where it is out of range. */
export function inRange(time: number): number {
  return time >= earliest && time <= latest ? time : Number.NaN;
}

/** What a wall clock shows, as if it were UTC. A leap second, 60, is the first second of the next minute. */
export function wallTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  milliseconds: number,
): number {
  const isTime =
    hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && milliseconds >= 0 && milliseconds < 61_000;
  if (!isTime || !(day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  return daysBefore(year, month, day) * dayLength + (hour * 60 + minute) * 60_000 + milliseconds;
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** NaN where there is no such month. */
function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (monthLengths[month - 1] ?? Number.NaN);
}

/** Days from 1970-01-01 to a date. Years are counted from March, so that the leap day comes last. */
function daysBefore(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) + day - 1 - 719_468;
}
