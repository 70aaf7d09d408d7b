// When a batch is full. Exactly one of the four ways, checked before the first byte is read.
import { SluiceError } from '../errors.ts';
import { parseDuration } from '../command/values.ts';
import { recordEnds } from '../envelope/records.ts';

export type BatchPolicy =
  | { readonly by: 'interval'; readonly milliseconds: number }
  | { readonly by: 'records'; readonly limit: number }
  | { readonly by: 'bytes'; readonly limit: number }
  | { readonly by: 'end' };

export function policyFrom(
  settings: { records: number | undefined; bytes: number | undefined; once: boolean },
  interval: string | undefined,
): BatchPolicy {
  const ways: BatchPolicy[] = [];
  if (interval !== undefined) ways.push({ by: 'interval', milliseconds: parseDuration(interval) });
  if (settings.records !== undefined) ways.push({ by: 'records', limit: settings.records });
  if (settings.bytes !== undefined) ways.push({ by: 'bytes', limit: settings.bytes });
  if (settings.once) ways.push({ by: 'end' });
  const [policy, second] = ways;
  if (policy && !second) return policy;
  const problem = policy ? 'a batch can be closed in one way only' : 'when is a batch full?';
  throw new SluiceError(
    'usage',
    problem,
    'give one of: an interval such as 10s, --records N, --bytes SIZE, --once',
  );
}

/** How many records, in how many bytes of payload, still fit into a batch that holds `records` in `bytes`. */
export type Fit = { readonly records: number; readonly end: number };

/** What of `payload` fits; everything where `end` is its length. A batch takes one record, however large. */
export function fits(
  policy: BatchPolicy,
  held: { records: number; bytes: number },
  payload: Buffer,
  count: number,
): Fit {
  if (policy.by === 'interval' || policy.by === 'end') return { records: count, end: payload.length };
  if (policy.by === 'records' && held.records + count <= policy.limit)
    return { records: count, end: payload.length };
  if (policy.by === 'bytes' && held.bytes + payload.length <= policy.limit)
    return { records: count, end: payload.length };
  let records = 0;
  let end = 0;
  for (const recordEnd of recordEnds(payload)) {
    const isFull =
      policy.by === 'records'
        ? held.records + records >= policy.limit
        : held.bytes + recordEnd > policy.limit;
    if (isFull && held.records + records > 0) break;
    records += 1;
    end = recordEnd;
  }
  return { records, end };
}
