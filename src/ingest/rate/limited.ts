// What is read, held back so that no more records a second come of it than a limit allows. Lines are handed on so many at a time, and
// what came of them is counted: an empty line costs nothing, and a record of several lines costs one.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicTime } from '../../clock.ts';
import type { Envelope } from '../../envelope/envelope.ts';
import type { InputChunk, SourceChunk } from '../../stage/stage.ts';
import type { RateLimit } from './limit.ts';

export type Limiting = {
  readonly limit: RateLimit;
  /** Records that have come of what was handed on so far. */
  readonly records: () => number;
  /** Milliseconds. */
  readonly clock?: () => number;
  readonly pause?: (milliseconds: number, stop: AbortSignal) => Promise<void>;
};

const newline = 0x0a;

/** Once `stop` is aborted, what was read and not handed on counts as not read. */
export async function* readLimited(
  input: AsyncIterator<SourceChunk, Envelope>,
  stop: AbortSignal,
  limiting: Limiting,
): AsyncGenerator<SourceChunk, Envelope> {
  let isDropping = false;
  for (;;) {
    const { value, done } = await input.next();
    if (done) return value;
    if (isDropping) continue;
    if ('source' in value && value.bytes) isDropping = !(yield* pieces(value, value.bytes, stop, limiting));
    else yield value;
  }
}

/** Returns false where it was stopped ahead of the last one. */
async function* pieces(
  chunk: InputChunk,
  bytes: Buffer,
  stop: AbortSignal,
  { limit, records, clock = monotonicTime, pause = pauseFor }: Limiting,
): AsyncGenerator<InputChunk, boolean> {
  for (let start = 0; start < bytes.length;) {
    await itsTurn(limit, stop, clock, pause);
    if (stop.aborted) return false;
    const end = behindLines(bytes, start, Math.floor(limit.allowance(clock())));
    const before = records();
    const { place } = chunk;
    yield {
      ...chunk,
      bytes: bytes.subarray(start, end),
      ...(place && { place: { ...place, offset: place.offset + start } }),
    };
    limit.spend(records() - before);
    start = end;
  }
  return true;
}

/** Resolves when records may go, or `stop` is aborted. */
export async function itsTurn(
  limit: RateLimit,
  stop: AbortSignal,
  clock: () => number = monotonicTime,
  pause = pauseFor,
): Promise<void> {
  for (let now = clock(), at = limit.nextTurn(now); at > now && !stop.aborted; at = limit.nextTurn(now)) {
    // Whole ones, as timers have them: a wait that is too short by a hair would be followed by another.
    await pause(Math.ceil(at - now), stop);
    now = clock();
  }
}

/** Behind so many lines, or the end of `bytes`. */
function behindLines(bytes: Buffer, start: number, lines: number): number {
  let at = start;
  for (let left = lines; left > 0; left -= 1) {
    at = bytes.indexOf(newline, at) + 1;
    if (at === 0) return bytes.length;
  }
  return at;
}

async function pauseFor(milliseconds: number, stop: AbortSignal): Promise<void> {
  // No timer can be longer than 2^31.
  await sleep(Math.min(milliseconds, 2 ** 31 - 1), undefined, { signal: stop }).catch(() => undefined);
}
