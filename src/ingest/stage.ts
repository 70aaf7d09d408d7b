import type { Envelope } from '../envelope/envelope.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import type { Closing, SourceChunk, SourceStage, WholeFiles } from '../stage/stage.ts';
import { warn } from '../stage/stderr.ts';
import type { IngestSettings } from './command.ts';
import { formats } from './formats/registry.ts';
import { IngestCore } from './ingest.ts';
import { readSources, readSourcesOn } from './read-sources.ts';
import { openSources } from './sources/registry.ts';
import type { Source } from './sources/source.ts';

export async function ingestStage(settings: IngestSettings, operands: string[]): Promise<SourceStage> {
  const sources = await openSources(operands);
  const rejects = new RejectPolicy('ingest', settings);
  const format = formats[settings.format].create(rejects);
  const startedAt = Date.now();
  const core = new IngestCore({ format, rejects, sources, maxRecord: settings.maxRecord, startedAt });
  const stage: SourceStage = {
    name: 'ingest',
    role: 'source',
    core,
    read: (stop) => readSources(sources, stop),
    closing() {
      const { warnings, isAboveLimit } = rejects.closing();
      return { warnings: [...cutWarnings(core.cut, settings.maxRecord), ...warnings], isAboveLimit };
    },
  };
  const state = settings.state ?? process.env['SLUICE_STATE'];
  return state === undefined || state === ''
    ? { ...stage, wholeFiles: () => wholeFiles(sources, settings) }
    : { ...stage, read: (stop) => readInJob(sources, stop, state, settings) };
}

/** Reads on where an earlier run left off, and says in front of all which job the stream is of. */
async function* readInJob(
  sources: readonly Source[],
  stop: AbortSignal,
  state: string,
  { format, maxRecord, final }: IngestSettings,
): AsyncGenerator<SourceChunk, Envelope, undefined> {
  const { beginJob } = await import('../state/begin-job.ts');
  const shape = `--format ${format} --max-record ${maxRecord}`;
  const { positions, opening } = await beginJob(state, shape, (message) => warn('ingest', message));
  yield { opening: opening(positions) };
  return yield* readSourcesOn(sources, stop, positions, final);
}

export function cutWarnings(cut: number, maxRecord: number): Closing['warnings'] {
  if (cut === 0) return [];
  const message = `${cut} ${cut === 1 ? 'line was' : 'lines were'} cut off at ${maxRecord} bytes`;
  return [{ message, hint: 'a larger --max-record keeps more of them' }];
}

async function wholeFiles(
  sources: readonly Source[],
  { maxRecord, format }: IngestSettings,
): Promise<WholeFiles | undefined> {
  const files = [];
  for (const source of sources) {
    if (source.size === undefined || !(await source.isPlainFile?.())) return undefined;
    files.push({ path: source.name, size: source.size });
  }
  return { files, maxRecord, format };
}
