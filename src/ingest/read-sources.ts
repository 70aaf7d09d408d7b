// All sources one after another, as one stream of chunks that a signal can end.
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import type { InputChunk } from '../stage/stage.ts';
import type { Source } from './sources/source.ts';

export async function* readSources(
  sources: readonly Source[],
  stop: AbortSignal,
): AsyncGenerator<InputChunk, Envelope, undefined> {
  for (const source of sources) {
    const isOver = yield* untilStopped(chunksOf(source), stop);
    // What was read is complete as it is: a last line without newline counts, as at the end of a file.
    yield { source };
    if (!isOver) return endEnvelope('ok');
  }
  return endEnvelope('ok');
}

async function* chunksOf(source: Source): AsyncGenerator<InputChunk> {
  for await (const bytes of source.read()) yield { source, bytes };
}

/** Returns false where `stop` ended it. */
export async function* untilStopped(
  chunks: AsyncGenerator<InputChunk>,
  stop: AbortSignal,
): AsyncGenerator<InputChunk, boolean> {
  try {
    for (;;) {
      const result = stop.aborted ? 'stopped' : await unlessStopped(chunks.next(), stop);
      if (result === 'stopped') return false;
      if (result.done) return true;
      yield result.value;
    }
  } finally {
    chunks.return(undefined).catch(() => undefined);
  }
}

/**
 * What Promise.race would be, but for its memory: each race with one lasting promise leaves a reaction there, which
 * keeps its chunk, and so all of the input.
 */
async function unlessStopped<Result>(
  pending: Promise<Result>,
  stop: AbortSignal,
): Promise<Result | 'stopped'> {
  return new Promise((resolve, reject) => {
    const onStop = (): void => resolve('stopped');
    const settled = (): void => stop.removeEventListener('abort', onStop);
    stop.addEventListener('abort', onStop);
    pending.then(resolve, reject).finally(settled);
  });
}
