// Time zones: how far their clocks are ahead of UTC, and which instant a wall clock's time is. Intl knows the rules but
// answers in microseconds; it is asked twice a day that occurs, and once more for each second of the search where
// the clocks change on that day.
import { SluiceError } from '../errors.ts';

export type Zone = {
  readonly name: string;
  /** Milliseconds that clocks are ahead of UTC at an instant. */
  readonly offsetAt: (instant: number) => number;
};

const dayLength = 86_400_000;
/** Whoever sends random dates must not fill the memory. */
const maxDays = 10_000;

export const utc: Zone = { name: 'UTC', offsetAt: () => 0 };

/** An IANA name, `local`, `UTC`, or an offset such as `+02:00`. Throws SluiceError('usage'). */
export function zoneNamed(name: string): Zone {
  if (name === 'local') return zoneNamed(Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC');
  if (/^(UTC|Z|GMT)$/i.test(name)) return utc;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(name) ?? [];
  if (hours !== undefined) {
    const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    return { name, offsetAt: () => offset };
  }
  return intlZone(name);
}

/**
 * The instant at which clocks show `wall`, given as if it were UTC. Clocks that are put back show a time twice: it is
 * the first of the two. Clocks that are put forward leave a time out: it is taken as much later as they skip.
 */
export function instantOf({ offsetAt }: Zone, wall: number): number {
  // Two changes are never within a day of each other.
  const before = offsetAt(wall - dayLength);
  const early = wall - before;
  if (offsetAt(early) === before) return early;
  const after = offsetAt(wall + dayLength);
  const late = wall - after;
  return offsetAt(late) === after ? late : early;
}

/** A day of UTC in which clocks change once, at `change`, or not at all, where that is Infinity. */
type Day = { readonly before: number; readonly change: number; readonly after: number };

function intlZone(name: string): Zone {
  const ask = askerFor(name);
  const days = new Map<number, Day>();
  let lastNumber = Number.NaN;
  let last: Day | undefined;

  function dayOf(number: number): Day {
    const known = days.get(number);
    if (known) return known;
    if (days.size >= maxDays) days.clear();
    const day = examine(ask, number * dayLength);
    days.set(number, day);
    return day;
  }

  function offsetAt(instant: number): number {
    const number = Math.floor(instant / dayLength);
    if (number !== lastNumber || !last) {
      last = dayOf(number);
      lastNumber = number;
    }
    return instant < last.change ? last.before : last.after;
  }
  return { name, offsetAt };
}

function examine(ask: (instant: number) => number, start: number): Day {
  const before = ask(start);
  const after = ask(start + dayLength);
  if (before === after) return { before, change: Number.POSITIVE_INFINITY, after };
  // Clocks change at a whole second: halve the day until it is found.
  let [low, high] = [start / 1000, (start + dayLength) / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (ask(middle * 1000) === before) low = middle;
    else high = middle;
  }
  return { before, change: high * 1000, after };
}

/** Throws SluiceError('usage') where there is no such zone. */
function askerFor(name: string): (instant: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    throw new SluiceError(
      'usage',
      `there is no time zone '${name}'`,
      'it is an IANA name such as Europe/Berlin, UTC, local, or an offset such as +02:00',
    );
  }
  return (instant) => {
    const offset = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(instant));
    if (!offset) return 0;
    const [, sign, hours, minutes, seconds = '0'] = offset;
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return (sign === '-' ? -1000 : 1000) * total;
  };
}
