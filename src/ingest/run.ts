// ingest as a process: opened sources → blocks → standard output.
import { endEnvelope } from '../envelope/envelope.ts';
import { exitCodes } from '../exit-codes.ts';
import { standardEnvelopes } from '../stage/output.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import { withReport } from '../stage/reporting.ts';
import { runToEnd } from '../stage/run-stage.ts';
import { onFirstSignal } from '../stage/signals.ts';
import { warn } from '../stage/stderr.ts';
import type { IngestSettings } from './command.ts';
import { formats } from './formats/registry.ts';
import { IngestCore } from './ingest.ts';
import { readSources } from './read-sources.ts';
import { openSources } from './sources/registry.ts';

export async function runIngest(settings: IngestSettings, operands: string[]): Promise<number> {
  const stop = new AbortController();
  onFirstSignal(() => stop.abort());
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
  const input = readSources(sources, stop.signal);
  await runToEnd(input, withReport(core, 'ingest'), standardEnvelopes(), (result) =>
    result.done ? endEnvelope('ok') : undefined,
  );
  if (core.cut > 0)
    warn(
      'ingest',
      `${core.cut} ${core.cut === 1 ? 'line was' : 'lines were'} cut off at ${settings.maxRecord} bytes`,
      'a larger --max-record keeps more of them',
    );
  if (rejects.summary) warn('ingest', rejects.summary);
  return rejects.isAboveLimit ? exitCodes.rejected.code : exitCodes.ok.code;
}
