// A sum as the kernel keeps it, the running sum and what was lost to rounding on the way, as the nearest double and the rest.

export function settled(running: number, lost: number): { sum: number; lost: number } {
  // Past the largest double nothing is left to know.
  const sum = Number.isFinite(running) ? running + lost : running;
  return { sum, lost: Number.isFinite(sum) ? lost - (sum - running) : 0 };
}
