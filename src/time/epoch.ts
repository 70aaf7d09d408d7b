// Numbers as times, and times as text. The unit follows from the size: no two of these ranges overlap between 1973 and 5138.
//
//   below 10¹¹    seconds         below 10¹⁷          microseconds
//   below 10¹⁴    milliseconds    10¹⁷ and more       nanoseconds
import { inRange } from './calendar.ts';

/** Epoch milliseconds, what is finer cut off; NaN where that is in no year that can be written. */
export function epochNumber(value: number): number {
  const size = Math.abs(value);
  if (size >= 1e17) return inRange(Math.floor(value / 1e6));
  if (size >= 1e14) return inRange(Math.floor(value / 1000));
  if (size >= 1e11) return inRange(Math.floor(value));
  // A decimal fraction has no exact binary form: 1772359200.123 would lose a millisecond.
  return inRange(Math.floor(value * 1000 + 0.0005));
}

/** As epochNumber, for integers of more digits than a number holds. */
export function epochInteger(value: bigint): number {
  // Down to milliseconds before it is made a number, or 18 digits would be rounded into the next one.
  const size = value < 0n ? -value : value;
  if (size < 100_000_000_000_000_000n) return epochNumber(Number(value));
  const milliseconds = value / 1_000_000n;
  const isBelow = value < 0n && value % 1_000_000n !== 0n;
  return inRange(Number(isBelow ? milliseconds - 1n : milliseconds));
}

/** NaN where `text` is no decimal number. */
export function epochText(text: string): number {
  const dot = text.indexOf('.');
  const isNumber = /^[+-]?\d+(\.\d+)?$/.test(text);
  if (!isNumber) return Number.NaN;
  if (dot === -1)
    return text.length < 16 ? epochNumber(Number(text)) : epochInteger(BigInt(text.replace('+', '')));
  return epochNumber(Number(text));
}

/** Epoch milliseconds as RFC 3339 in UTC, without fractions where there are none. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
