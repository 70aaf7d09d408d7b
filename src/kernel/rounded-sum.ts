// A sum and what it lost to rounding → the sum as near as a number can be, and what that one still loses.

export function roundedSum(kept: number, lost: number): { sum: number; lost: number } {
  const sum = kept + lost;
  // The loss is exact where the larger one is subtracted first; of infinities nothing is left over.
  const rest = Math.abs(kept) >= Math.abs(lost) ? kept - sum + lost : lost - sum + kept;
  return { sum, lost: Number.isFinite(rest) ? rest : 0 };
}
