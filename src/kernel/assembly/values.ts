// The numbers kept per group and value: 40 bytes each, or 24 where nobody asks for extremes, behind the entry's first 32.
//   +0 how many, +8 sum, +16 what the sum lost to rounding (Neumaier), +24 least, +32 greatest; all f64

import { ENTRY_BYTES, Table, VALUE_BYTES } from "./table";

// @ts-ignore: decorator
@inline
export function valueOf(table: Table, entry: usize, index: u32): usize {
  return entry + ENTRY_BYTES + index * table.valueBytes;
}

// @ts-ignore: decorator
@inline
function addCompensated(value: usize, number: f64): void {
  const sum = load<f64>(value, 8);
  const next = sum + number;
  const lost = abs(sum) >= abs(number) ? sum - next + number : number - next + sum;
  store<f64>(value, next, 8);
  store<f64>(value, load<f64>(value, 16) + lost, 16);
}

export function addSum(value: usize, number: f64): void {
  addCompensated(value, number);
}

export function addLeast(value: usize, number: f64): void {
  if (number < load<f64>(value, 24)) store<f64>(value, number, 24);
}

export function addGreatest(value: usize, number: f64): void {
  if (number > load<f64>(value, 32)) store<f64>(value, number, 32);
}

export function addCount(value: usize, number: f64): void {
  store<f64>(value, load<f64>(value) + number);
}

// @ts-ignore: decorator
@inline
export function hasExtremes(table: Table): bool {
  return table.valueBytes == VALUE_BYTES;
}

export function addNumber(table: Table, entry: usize, index: u32, number: f64): void {
  const value = valueOf(table, entry, index);
  addCount(value, 1);
  addCompensated(value, number);
  if (!hasExtremes(table)) return;
  addLeast(value, number);
  addGreatest(value, number);
}

/** Adds the value kept at `other` to the one at `value`. */
export function mergeValue(value: usize, other: usize, withExtremes: bool): void {
  addCount(value, load<f64>(other));
  addCompensated(value, load<f64>(other, 8));
  store<f64>(value, load<f64>(value, 16) + load<f64>(other, 16), 16);
  if (!withExtremes) return;
  addLeast(value, load<f64>(other, 24));
  addGreatest(value, load<f64>(other, 32));
}

// @ts-ignore: decorator
@inline
export function sumOf(value: usize): f64 {
  const sum = load<f64>(value, 8);
  // Past the largest double nothing is known of what was lost.
  return isFinite(sum) ? sum + load<f64>(value, 16) : sum;
}
