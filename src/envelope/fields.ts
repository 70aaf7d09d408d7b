// Every header field once, in canonical order: what the encoder writes, what the decoder checks and what
// sluice-envelope(5) says are read off this table.
import type { Ending, Header } from './envelope.ts';

type FieldType =
  | 'count'
  | 'time'
  | 'boolean'
  | 'interval'
  | 'intervals'
  | 'objects'
  | 'reduction'
  | 'session'
  | 'job'
  | 'offsets'
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
    meaning:
      'keys and aggregates of the rows, so that a later reduce knows how to merge them; both are empty where a map has changed the rows, and nothing can',
  },
  {
    name: 'overflow',
    type: 'count',
    setBy: 'reduce',
    meaning:
      'the last row of this part is no key but `_other`, which stands for all keys beyond `--max-keys`; the number of records that fell to it',
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
      'on the last part: the event time up to which the stream was taken to be complete while this batch was read; every stage hands it on',
  },
  {
    name: 'stages',
    type: 'objects',
    setBy: 'every stage',
    meaning:
      'on the last part, and on a heartbeat within a batch that goes on: what each stage did since it was last told (records in and out, bytes, busy ms, rejected)',
  },
  {
    name: 'job',
    type: 'job',
    setBy: 'ingest',
    meaning:
      'on the first block, of a job that keeps state: the folder, the run, where each source stood and which stages there are; every stage adds itself',
  },
  {
    name: 'offsets',
    type: 'offsets',
    setBy: 'ingest, batch',
    meaning:
      'with state, on blocks and on the last part: for each source where its records begin and end, `{"from","until"}`; a position is a byte `offset` and the number of records to `skip` behind it',
  },
  {
    name: 'checkpoint',
    type: 'count',
    setBy: 'batch',
    meaning:
      'on the last part or the end: every stage has put what it holds on disk, under this batch number, before it hands this on',
  },
  {
    name: 'flush',
    type: 'boolean',
    setBy: 'ingest',
    meaning:
      'on a block: what was read so far has to come to its end soon, so that others can go on with the source; a batch that is not closed by the clock is closed',
  },
  {
    name: 'end',
    type: 'text',
    setBy: 'ingest',
    meaning:
      '`"ok"`, `"failed"`, or `"paused"`: the stream ends here, and nothing may follow; paused means that the job goes on in a later run, with what its stages hold',
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

const isMapOf = (value: unknown, fits: (member: unknown) => boolean): boolean =>
  isObject(value) && Object.values(value as object).every(fits);
const isPosition = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { offset, skip = 0 } = value as { offset?: unknown; skip?: unknown };
  return isCount(offset) && isCount(skip);
};
const isRange = (value: unknown): boolean => {
  const { from, until } = (value ?? {}) as { from?: unknown; until?: unknown };
  return isPosition(from) && isPosition(until);
};
const isIdentity = (value: unknown): boolean => {
  const { key, shape } = (value ?? {}) as { key?: unknown; shape?: unknown };
  return isText(key) && isText(shape);
};
const isJob = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { state, run, after = 0, next, positions, stages } = value as Record<string, unknown>;
  return (
    isText(state) &&
    isText(run) &&
    isCount(after) &&
    isCount(next) &&
    isMapOf(positions, isPosition) &&
    Array.isArray(stages) &&
    stages.every(isIdentity)
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
  job: { fits: isJob, words: 'an object {"state","run","next","positions","stages"}' },
  offsets: {
    fits: (value) => isMapOf(value, isRange),
    words: 'an object of ranges {"from","until"} of positions {"offset","skip"}',
  },
  text: { fits: isText, words: 'a string' },
};

const endings: readonly unknown[] = ['ok', 'failed', 'paused'] satisfies Ending[];

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
  if (header['end'] !== undefined && !endings.includes(header['end']))
    return `field 'end' has to be "ok", "failed" or "paused"`;
  return undefined;
}
