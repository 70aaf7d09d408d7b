// Every header field once, in canonical order: what the encoder writes, what the decoder checks and what
// sluice-envelope(5) says are read off this table.
import type { Header } from './envelope.ts';

type FieldType =
  | 'count'
  | 'time'
  | 'boolean'
  | 'interval'
  | 'intervals'
  | 'objects'
  | 'reduction'
  | 'session'
  | 'text';

export type Field = {
  readonly name: keyof Header;
  readonly type: FieldType;
  /** Which stage sets it first. */
  readonly setBy: string;
  readonly meaning: string;
};

export const headerFields: readonly Field[] = [
  { name: 'v', type: 'count', setBy: 'every stage', meaning: 'format version, 1' },
  {
    name: 'batch',
    type: 'count',
    setBy: 'batch',
    meaning: 'batch number, from 0, rises by one; absent in the blocks that ingest writes',
  },
  {
    name: 'part',
    type: 'count',
    setBy: 'batch',
    meaning:
      'part of the batch, from 0; a batch is as many parts as it needs, so that no line grows without bound',
  },
  {
    name: 'last',
    type: 'boolean',
    setBy: 'batch',
    meaning: 'true on the part that closes the batch; an empty batch is one part with no records',
  },
  { name: 'n', type: 'count', setBy: 'every stage', meaning: 'number of records in this part' },
  {
    name: 'from',
    type: 'time',
    setBy: 'batch',
    meaning:
      'start of the batch interval `[from, to)`; absent where batches are cut by count, bytes or end of input',
  },
  { name: 'to', type: 'time', setBy: 'batch', meaning: 'end of the batch interval' },
  {
    name: 'pane',
    type: 'interval',
    setBy: 'window',
    meaning:
      'the interval this part’s records belong to: the largest one that no window edge cuts; with `"unit":"records"` it counts records from 0 and not milliseconds',
  },
  {
    name: 'closed',
    type: 'intervals',
    setBy: 'window',
    meaning:
      'on the last part and on the end: the windows that are now complete, oldest first; reduce hands it on',
  },
  {
    name: 'open',
    type: 'intervals',
    setBy: 'window',
    meaning:
      'on the last part, where windows overlap: those that are not complete and have begun; elsewhere a pane is a window',
  },
  { name: 'window', type: 'interval', setBy: 'reduce', meaning: 'the window whose rows these are' },
  {
    name: 'reduced',
    type: 'reduction',
    setBy: 'reduce',
    meaning: 'keys and aggregates of the rows, so that a later reduce knows how to merge them',
  },
  {
    name: 'session',
    type: 'session',
    setBy: 'window',
    meaning: 'the gap and the time field by which a reduce puts these records in sessions',
  },
  {
    name: 'watermark',
    type: 'time',
    setBy: 'window',
    meaning:
      'on the last part: the event time up to which the stream was taken to be complete while this batch was read',
  },
  {
    name: 'stages',
    type: 'objects',
    setBy: 'every stage',
    meaning:
      'on the last part: what each stage did for this batch (records in and out, bytes, busy ms, rejected)',
  },
  {
    name: 'end',
    type: 'text',
    setBy: 'ingest',
    meaning: '`"ok"` or `"failed"`: the stream ends here; nothing may follow',
  },
  { name: 'reason', type: 'text', setBy: 'a failing stage', meaning: 'why the stream failed' },
];

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** What a Date can hold; beyond it a time could not be shown. */
const latestTime = 8.64e15;
const isTime = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Math.abs(value as number) <= latestTime;
const isInterval = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { start, end, unit } = value as { start?: unknown; end?: unknown; unit?: unknown };
  return isTime(start) && isTime(end) && (unit === undefined || unit === 'records');
};

const isText = (value: unknown): boolean => typeof value === 'string';
const isSession = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { gap, time } = value as { gap?: unknown; time?: unknown };
  if (!isTime(gap) || !((gap as number) > 0) || !isObject(time)) return false;
  const { field, format, zone } = time as { field?: unknown; format?: unknown; zone?: unknown };
  return isText(field) && [format, zone].every((text) => text === undefined || isText(text));
};
const isReduction = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { keys, aggregates } = value as { keys?: unknown; aggregates?: unknown };
  return (
    Array.isArray(keys) &&
    keys.every(isText) &&
    isObject(aggregates) &&
    Object.values(aggregates as object).every(isText)
  );
};

const typeChecks: Record<FieldType, { fits: (value: unknown) => boolean; words: string }> = {
  count: { fits: isCount, words: 'a whole number from 0' },
  time: { fits: isTime, words: 'a whole number of epoch milliseconds' },
  boolean: { fits: (value) => typeof value === 'boolean', words: 'true or false' },
  interval: { fits: isInterval, words: 'an interval {"start","end"} in epoch milliseconds' },
  intervals: {
    fits: (value) => Array.isArray(value) && value.every(isInterval),
    words: 'a list of intervals',
  },
  objects: { fits: (value) => Array.isArray(value) && value.every(isObject), words: 'a list of objects' },
  reduction: {
    fits: isReduction,
    words: 'an object {"keys","aggregates"}: a list of names, and names with expressions',
  },
  session: {
    fits: isSession,
    words: 'an object {"gap","time"}: milliseconds, and an object {"field","format","zone"} of strings',
  },
  text: { fits: isText, words: 'a string' },
};

export function wordsForType(type: FieldType): string {
  return typeChecks[type].words;
}

/** What is wrong with a header, as `field: what it has to be`, or undefined where nothing is. */
export function headerFault(header: Record<string, unknown>): string | undefined {
  for (const { name, type } of headerFields) {
    const value = header[name];
    if (value !== undefined && !typeChecks[type].fits(value))
      return `field '${name}' has to be ${typeChecks[type].words}`;
  }
  if (header['end'] !== undefined && header['end'] !== 'ok' && header['end'] !== 'failed') {
    return `field 'end' has to be "ok" or "failed"`;
  }
  return undefined;
}
