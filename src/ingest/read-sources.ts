// All sources one after another, as one stream of chunks that a signal can end.
import type { SourceChunk } from './ingest.ts';
import type { Source } from './sources/source.ts';

export async function* readSources(
  sources: readonly Source[],
  stop: AbortSignal,
): AsyncGenerator<SourceChunk> {
  const stopped = new Promise<'stopped'>((resolve) =>
    stop.addEventListener('abort', () => resolve('stopped')),
  );
  for (const source of sources) {
    const chunks = source.read()[Symbol.asyncIterator]();
    for (;;) {
      const result = stop.aborted ? 'stopped' : await Promise.race([chunks.next(), stopped]);
      // What was read is complete as it is: a last line without newline counts, as at the end of a file.
      if (result === 'stopped') return yield { source };
      if (result.done) break;
      yield { source, bytes: result.value };
    }
    yield { source };
  }
}
