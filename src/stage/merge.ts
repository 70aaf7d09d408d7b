// Several envelope streams as one sequence, in step: which batch comes next is told by the batches themselves, never by
// which pipe was faster, so that the same streams are the same sequence each time.
import {
  endEnvelope,
  isEnd,
  isHeartbeat,
  noRecords,
  type Envelope,
  type Header,
} from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import type { EnvelopeStream } from './further-streams.ts';
import { firstToArrive, StreamHead } from './stream-head.ts';

/** An envelope of one of the streams. An end says that this stream has no more, while others go on. */
export type Merged = Envelope & {
  /** Which stream it is of, by its place among them. */
  readonly input: number;
  /** The batch that it becomes part of; absent for an end, and for blocks. */
  readonly into?: Header;
  /** True where the last part of this batch is the last part of `into`. */
  readonly closes?: boolean;
};

/** A batch that is next. */
type Turn = { readonly input: number; readonly into: Header; readonly closes: boolean };

/** Given the first header of each stream's next batch, undefined for a stream that is over: who comes next, in order. */
export type Order = (heads: readonly (Header | undefined)[]) => readonly Turn[];

export type MergeSettings = {
  readonly order: Order;
  /** Blocks are handed on as they come, or refused. */
  readonly takesBlocks: boolean;
};

/**
 * `upstream` is the stream whose end is the end of it all, and whose heartbeats and reports are handed on; undefined
 * where there is none. Throws SluiceError where one of the others fails.
 */
export function mergeStreams(
  streams: readonly EnvelopeStream[],
  upstream: EnvelopeStream | undefined,
  settings: MergeSettings,
): AsyncIterator<Merged, Envelope> {
  const heads = streams.map((stream) => new StreamHead(stream, stream === upstream));
  const merging = merged(heads, settings);
  return {
    next: () => merging.next(),
    // Not by the generator's own return, which would wait for a read that may be pending for who knows how long.
    return() {
      for (const { close } of streams) close();
      return Promise.resolve({ done: true, value: endEnvelope('ok') });
    },
  };
}

async function* merged(
  heads: readonly StreamHead[],
  { order, takesBlocks }: MergeSettings,
): AsyncGenerator<Merged, Envelope> {
  for (;;) {
    yield* settle(heads, takesBlocks);
    const last = heads.find(endsAll);
    if (last?.ending) return last.ending;
    if (heads.every(({ ending }) => ending)) {
      return heads.find(({ isUpstream }) => isUpstream)?.ending ?? endEnvelope('ok');
    }
    for (const turn of order(heads.map(({ batch }) => batch?.header)))
      yield* batchOf(heads[turn.input] as StreamHead, turn);
  }
}

/** Until of each stream the next batch has begun, or the stream is over, or upstream failed. */
async function* settle(heads: readonly StreamHead[], takesBlocks: boolean): AsyncGenerator<Merged> {
  while (!heads.some(endsAll)) {
    const open = heads.filter(({ batch, ending }) => !batch && !ending);
    if (open.length === 0) return;
    const head = await firstToArrive(open);
    const envelope = head.take();
    const input = heads.indexOf(head);
    const { header } = envelope;
    if (isEnd(envelope)) yield* endOf(head, envelope, input);
    else if (header.batch !== undefined) head.batch = envelope;
    else {
      if (header.n > 0 && !takesBlocks) throw noBatches(head.name);
      if (header.n > 0 || head.isUpstream) yield { ...envelope, input };
    }
  }
}

/** The batch that has begun, part by part. */
async function* batchOf(head: StreamHead, turn: Turn): AsyncGenerator<Merged> {
  let part = head.batch;
  head.batch = undefined;
  while (part) {
    if (!isHeartbeat(part.header)) yield { ...part, ...turn };
    else if (head.isUpstream) yield { ...part, input: turn.input };
    if (part.header.last) return;
    await firstToArrive([head]);
    part = head.take();
    if (!isEnd(part)) continue;
    // Only a stream made by hand ends well within a batch.
    if (part.header.end === 'ok')
      yield { header: { ...turn.into, last: true, n: 0 }, payload: noRecords, ...turn };
    return yield* endOf(head, part, turn.input);
  }
}

function* endOf(head: StreamHead, ending: Envelope, input: number): Generator<Merged> {
  head.ending = ending;
  if (!endsAll(head)) yield { ...endEnvelope('ok'), input };
}

/** The end of one stream that is the end of all. Of a job that goes on later, the others are read on then. */
const endsAll = ({ ending, isUpstream }: StreamHead): boolean =>
  ending?.header.end === 'failed' || (isUpstream && ending?.header.end === 'paused');

function noBatches(name: string): SluiceError {
  const hint = 'put a `sluice batch` in between, for example: sluice ingest | sluice batch 10s';
  return new SluiceError('usage', `the records from ${name} come in blocks, and batches are needed`, hint);
}

/** True where batch `one` is older than `other`: by their intervals' ends, or by number where one has no interval. */
export function comesBefore(one: Header, other: Header): boolean {
  if (one.to !== undefined && other.to !== undefined) return one.to < other.to;
  return (one.batch ?? 0) < (other.batch ?? 0);
}
