import { RejectPolicy } from '../stage/rejects.ts';
import type { SourceStage } from '../stage/stage.ts';
import type { IngestSettings } from './command.ts';
import { formats } from './formats/registry.ts';
import { IngestCore } from './ingest.ts';
import { readSources } from './read-sources.ts';
import { openSources } from './sources/registry.ts';

export async function ingestStage(settings: IngestSettings, operands: string[]): Promise<SourceStage> {
  const sources = await openSources(operands);
  const rejects = new RejectPolicy('ingest', settings);
  const format = formats[settings.format].create(rejects);
  const core = new IngestCore({
    format,
    rejects,
    sources,
    maxRecord: settings.maxRecord,
    startedAt: Date.now(),
  });
  return {
    name: 'ingest',
    role: 'source',
    core,
    read: (stop) => readSources(sources, stop),
    closing() {
      const { warnings, isAboveLimit } = rejects.closing();
      if (core.cut === 0) return { warnings, isAboveLimit };
      const message = `${core.cut} ${core.cut === 1 ? 'line was' : 'lines were'} cut off at ${settings.maxRecord} bytes`;
      return {
        warnings: [{ message, hint: 'a larger --max-record keeps more of them' }, ...warnings],
        isAboveLimit,
      };
    },
  };
}
