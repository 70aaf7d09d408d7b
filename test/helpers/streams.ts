// Streams that are read beside each other, without processes: in step, as a stage reads them.
import { setTimeout as sleep } from 'node:timers/promises';
import { endEnvelope, isHeartbeat, type Envelope } from '../../src/envelope/envelope.ts';
import { EnvelopeSequence } from '../../src/envelope/sequence.ts';
import type { Core } from '../../src/stage/core.ts';
import type { EnvelopeStream } from '../../src/stage/further-streams.ts';
import { ready } from './envelopes.ts';
import { mergeStreams, type Merged, type MergeSettings } from '../../src/stage/merge.ts';

/** `pauses` are milliseconds in front of each envelope, over and over. */
export function stream(
  name: string,
  envelopes: readonly Envelope[],
  ending = endEnvelope('ok'),
  pauses: readonly number[] = [],
): EnvelopeStream {
  async function* read(): AsyncGenerator<Envelope, Envelope> {
    for (const [index, envelope] of envelopes.entries()) {
      const pause = pauses.length > 0 ? pauses[index % pauses.length] : undefined;
      if (pause !== undefined) await sleep(pause);
      yield envelope;
    }
    return ending;
  }
  return { name, envelopes: read(), close: () => undefined };
}

/** All of the first stream, which is upstream, and of the others; the end last. */
export async function mergeAll(
  streams: readonly EnvelopeStream[],
  settings: MergeSettings,
): Promise<Merged[]> {
  const merging = mergeStreams(streams, streams[0], settings);
  const all: Merged[] = [];
  for (;;) {
    const { value, done } = await merging.next();
    all.push(done ? { ...value, input: -1 } : value);
    if (done) return all;
  }
}

/** What `core` makes of the streams. Throws where that is no stream itself. */
export async function runMerged(
  core: Core<Merged>,
  streams: readonly EnvelopeStream[],
  settings: MergeSettings,
): Promise<Envelope[]> {
  const merged = await mergeAll(streams, settings);
  const ending = merged.pop() as Merged;
  const outputs = merged
    .filter(({ header }) => !isHeartbeat(header))
    .flatMap((one) => ready(core.accept(one, 0)));
  outputs.push(...ready(core.end({ header: ending.header, payload: ending.payload }, 0)));
  const sequence = new EnvelopeSequence();
  for (const [index, output] of outputs.entries()) sequence.place(output, index + 1);
  return outputs;
}
