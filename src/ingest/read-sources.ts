// All sources one after another, as one stream of chunks that a signal can end.
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import type { SourceChunk } from '../stage/stage.ts';
import type { Source } from './sources/source.ts';

export async function* readSources(
  sources: readonly Source[],
  stop: AbortSignal,
): AsyncGenerator<SourceChunk, Envelope, undefined> {
  for (const source of sources) {
    const chunks = source.read()[Symbol.asyncIterator]();
    try {
      for (;;) {
        const result = stop.aborted ? 'stopped' : await unlessStopped(chunks.next(), stop);
        // What was read is complete as it is: a last line without newline counts, as at the end of a file.
        if (result === 'stopped') {
          yield { source };
          return endEnvelope('ok');
        }
        if (result.done) break;
        yield { source, bytes: result.value };
      }
    } finally {
      chunks.return?.().catch(() => undefined);
    }
    yield { source };
  }
  return endEnvelope('ok');
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
