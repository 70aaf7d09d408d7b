// How the text of an option becomes a value. One entry a kind: what the help calls it, how it is read, and what
// is said when it cannot be. Strict on purpose: `10` is no duration, since nobody can tell seconds from minutes.
import { SluiceError } from '../errors.ts';

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** In any case: nobody measures files in bits. */
const sizeUnits: Record<string, number> = {
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
};

/** A duration such as `500ms`, `10s`, `1h30m`, in milliseconds. */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    throw new SluiceError(
      'usage',
      `'${text}' is no duration`,
      'write it with its unit: 500ms, 10s, 5m, 1h30m, 1d',
    );
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * durationUnits[unit as keyof typeof durationUnits];
  }
  // 16.1 × 1000 is 16100.000000000002: what is off by the last binary digits only is meant to be whole.
  const whole = Math.round(total);
  if (Math.abs(total - whole) <= total * 4 * Number.EPSILON) total = whole;
  if (!Number.isSafeInteger(total) || total <= 0) {
    throw new SluiceError(
      'usage',
      `'${text}' is no usable duration`,
      'it has to be a whole number of milliseconds above 0',
    );
  }
  return total;
}

/** As parseDuration, but none at all is a fair value: `--lateness 0s`. */
function parseDelay(text: string): number {
  return /^0(ms|s|m|h|d)?$/.test(text) ? 0 : parseDuration(text);
}

/** A whole number of records, or a duration: what it is follows from whether it has a unit. */
type Step = { readonly records: number } | { readonly milliseconds: number };

function parseStep(text: string): Step {
  return /^\d+$/.test(text) ? { records: parseCount(text) } : { milliseconds: parseDuration(text) };
}

/** Milliseconds as the shortest duration text that parseDuration reads back: 5400000 → `1h30m`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  let text = '';
  let rest = milliseconds;
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const amount = Math.floor(rest / durationUnits[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * durationUnits[unit];
  }
  return text;
}

/** A size such as `64KiB`, `10MB`, `1M` (= 1024², as GNU tools have it) or plain bytes. */
function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  const unit = match && (match[2] === '' ? 1 : sizeUnits[(match[2] as string).toLowerCase()]);
  const size = match && unit ? Math.round(Number(match[1]) * unit) : 0;
  if (!Number.isSafeInteger(size) || size <= 0) {
    throw new SluiceError('usage', `'${text}' is no size`, 'write bytes or a unit: 65536, 64KiB, 10MB, 1M');
  }
  return size;
}

/** Bytes for people to read: `1.5 GiB`. */
export function formatSize(bytes: number): string {
  const unit = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** unit;
  return `${unit === 0 ? size : size.toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit]}`;
}

function parseCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (!Number.isSafeInteger(count) || count <= 0) {
    throw new SluiceError('usage', `'${text}' is no count`, 'it has to be a whole number above 0');
  }
  return count;
}

/** As parseCount, but 0 is a fair value: `--max-errors 0`. */
function parseLimit(text: string): number {
  if (text === '0') return 0;
  try {
    return parseCount(text);
  } catch {
    throw new SluiceError('usage', `'${text}' is no limit`, 'it has to be a whole number from 0');
  }
}

/** A part of a whole, such as `0.01` or `1%`. */
function parseFraction(text: string): number {
  const [, digits, percent] = /^(\d+\.?\d*|\.\d+)(%?)$/.exec(text) ?? [];
  const fraction = Number(digits) / (percent ? 100 : 1);
  if (!(fraction > 0 && fraction <= 1))
    throw new SluiceError(
      'usage',
      `'${text}' is no fraction`,
      'write it like 0.01 or 1%: above 0, at most 1',
    );
  return fraction;
}

const rateUnits = { s: 1, m: 60, h: 3600 } as const;

/** How many a second, as `10000`, `10000/s`, `600/m` or `100/h`. */
function parseRate(text: string): number {
  const [, digits, unit = 's'] = /^(\d+)(?:\/([smh]))?$/.exec(text) ?? [];
  const count = Number(digits);
  if (Number.isSafeInteger(count) && count > 0) return count / rateUnits[unit as keyof typeof rateUnits];
  throw new SluiceError(
    'usage',
    `'${text}' is no rate`,
    'write how many a second, 10000 or 10000/s, or a minute or hour, 600/m or 100/h; it has to be above 0',
  );
}

const asIs = (text: string): string => text;

export const valueKinds = {
  duration: { placeholder: 'DURATION', parse: parseDuration },
  delay: { placeholder: 'DURATION', parse: parseDelay },
  step: { placeholder: 'DURATION|N', parse: parseStep },
  size: { placeholder: 'SIZE', parse: parseSize },
  count: { placeholder: 'N', parse: parseCount },
  limit: { placeholder: 'N', parse: parseLimit },
  rate: { placeholder: 'N/s', parse: parseRate },
  fraction: { placeholder: 'FRACTION', parse: parseFraction },
  text: { placeholder: 'TEXT', parse: asIs },
  field: { placeholder: 'FIELD', parse: asIs },
  path: { placeholder: 'FILE', parse: asIs },
} as const;

export type ValueKind = keyof typeof valueKinds;
