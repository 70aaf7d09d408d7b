// Amounts for people who look on: three digits at most.

/** `1.2M` */
export function formatCount(count: number): string {
  if (count < 999.5)
    return count < 10 && !Number.isInteger(count) ? count.toFixed(1) : String(Math.round(count));
  const [amount, unit] =
    count < 999_500 ? [count / 1e3, 'k'] : count < 999_500_000 ? [count / 1e6, 'M'] : [count / 1e9, 'G'];
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)}${unit}`;
}

/** `120 MB`, in steps of a thousand. */
export function formatBytes(bytes: number): string {
  return formatCount(bytes).replace(/([kMG]?)$/, ' $1B');
}

/** `12ms`, `1.2s`, `3m12s`, `2h05m`, `3d04h`. */
export function formatTimeSpan(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ];
  const whole = Math.round(seconds);
  const first = units.findIndex(([, length]) => whole >= length);
  const [[unit, length], [nextUnit, nextLength]] = units.slice(first, first + 2) as [
    [string, number],
    [string, number],
  ];
  const rest = Math.floor((whole % length) / nextLength);
  return `${Math.floor(whole / length)}${unit}${String(rest).padStart(2, '0')}${nextUnit}`;
}

/** `61%` */
export function formatPercent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
