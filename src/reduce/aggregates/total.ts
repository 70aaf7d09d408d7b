// A running total with Neumaier's compensation, so that 0.1 added ten times is 1 and the order hardly matters.
// Shared by sum and avg.

export type Total = { sum: number; compensation: number };

export function addTo(total: Total, value: number): void {
  const sum = total.sum + value;
  total.compensation +=
    Math.abs(total.sum) >= Math.abs(value) ? total.sum - sum + value : value - sum + total.sum;
  total.sum = sum;
}

export function totalOf(total: Total): number {
  // Past the largest double the compensation is NaN, and the sum says it all.
  return Number.isFinite(total.sum) ? total.sum + total.compensation : total.sum;
}
