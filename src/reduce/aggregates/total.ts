// A running total with Neumaier's compensation, so that 0.1 added ten times is 1 and the order hardly matters.
import type { Json } from '../../envelope/json.ts';

export type Total = { sum: number; compensation: number };

export function addTo(total: Total, value: number): void {
  const sum = total.sum + value;
  total.compensation +=
    Math.abs(total.sum) >= Math.abs(value) ? total.sum - sum + value : value - sum + total.sum;
  total.sum = sum;
}

/** Adds a number, or an integer beyond 2^53 with all its digits. */
export function addValueTo(total: Total, value: Json): void {
  const nearest = Number(value);
  addTo(total, nearest);
  if (typeof value === 'bigint' && Number.isFinite(nearest)) addTo(total, Number(value - BigInt(nearest)));
}

export function mergeTotals(total: Total, other: Total): void {
  addTo(total, other.sum);
  // That of an infinite sum is NaN, and the sum says it all.
  if (Number.isFinite(other.sum)) addTo(total, other.compensation);
}

export function totalOf(total: Total): number {
  // Past the largest double the compensation is NaN, and the sum says it all.
  return Number.isFinite(total.sum) ? total.sum + total.compensation : total.sum;
}

/** Takes `other` away where that gives what adding up the rest gives: as long as both are integers up to 2^53. */
export function subtractTotal(total: Total, other: Total): boolean {
  const canBe = isExactInteger(total) && isExactInteger(other) && Number.isSafeInteger(total.sum - other.sum);
  if (canBe) total.sum -= other.sum;
  return canBe;
}

export function isExactInteger(total: Total): boolean {
  return Number.isSafeInteger(total.sum) && total.compensation === 0;
}

/** Whether integers were added up beyond what a double can count. What has a fraction is rounded in any case. */
export function caveatOf(total: Total): string | undefined {
  const isPast = Math.abs(totalOf(total)) > Number.MAX_SAFE_INTEGER && Number.isInteger(total.compensation);
  return isPast ? 'passed 2^53: its results are rounded' : undefined;
}

/** `[sum, compensation]`; past the largest double, where JSON has no number, `"Infinity"`. */
export function encodeTotal({ sum, compensation }: Total): Json {
  return Number.isFinite(sum) ? [sum, compensation] : String(sum);
}

/** A number of a state, as it comes back from JSON: one without a fraction beyond 2^53 is read as an integer of any length. */
export function asNumber(json: Json | undefined): number | undefined {
  return typeof json === 'number' || typeof json === 'bigint' ? Number(json) : undefined;
}

export function decodeTotal(json: Json | undefined): Total | undefined {
  if (typeof json === 'string' && /^(-?Infinity|NaN)$/.test(json))
    return { sum: Number(json), compensation: 0 };
  if (!Array.isArray(json) || json.length !== 2) return undefined;
  const [sum, compensation] = json.map(asNumber);
  return sum !== undefined && compensation !== undefined ? { sum, compensation } : undefined;
}
