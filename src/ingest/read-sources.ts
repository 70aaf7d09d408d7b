// All sources one after another, as one stream of chunks that a signal can end.
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import type { SourceChunk } from '../stage/stage.ts';
import type { Source } from './sources/source.ts';

export async function* readSources(
  sources: readonly Source[],
  stop: AbortSignal,
): AsyncGenerator<SourceChunk, Envelope, undefined> {
  const stopped = new Promise<'stopped'>((resolve) =>
    stop.addEventListener('abort', () => resolve('stopped')),
  );
  for (const source of sources) {
    const chunks = source.read()[Symbol.asyncIterator]();
    for (;;) {
      const result = stop.aborted ? 'stopped' : await Promise.race([chunks.next(), stopped]);
      // What was read is complete as it is: a last line without newline counts, as at the end of a file.
      if (result === 'stopped') {
        yield { source };
        return endEnvelope('ok');
      }
      if (result.done) break;
      yield { source, bytes: result.value };
    }
    yield { source };
  }
  return endEnvelope('ok');
}
