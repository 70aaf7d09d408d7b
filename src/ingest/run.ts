// ingest as a process: opened sources → blocks → standard output.
import { endEnvelope, isEnd } from '../envelope/envelope.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Core } from '../stage/core.ts';
import { standardEnvelopes } from '../stage/output.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import { withReport } from '../stage/reporting.ts';
import { runToEnd } from '../stage/run-stage.ts';
import { onFirstSignal } from '../stage/signals.ts';
import { warn } from '../stage/stderr.ts';
import type { IngestSettings } from './command.ts';
import { formats } from './formats/registry.ts';
import { IngestCore, type SourceChunk } from './ingest.ts';
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
  const reported = withReport(core, 'ingest');
  try {
    await runToEnd(input, reported, standardEnvelopes(), (result) =>
      result.done ? endEnvelope('ok') : undefined,
    );
  } catch (error) {
    await writeRest(reported);
    throw error;
  }
  if (core.cut > 0)
    warn(
      'ingest',
      `${core.cut} ${core.cut === 1 ? 'line was' : 'lines were'} cut off at ${settings.maxRecord} bytes`,
      'a larger --max-record keeps more of them',
    );
  if (rejects.summary) warn('ingest', rejects.summary);
  return rejects.isAboveLimit ? exitCodes.rejected.code : exitCodes.ok.code;
}

/** What was read before a failure comes out, so that it does not depend on chance how much that is. */
async function writeRest(core: Core<SourceChunk>): Promise<void> {
  try {
    for (const envelope of core.end(endEnvelope('failed'), Date.now())) {
      if (!isEnd(envelope)) await standardEnvelopes().write(envelope);
    }
  } catch {
    // The output is what failed, or nobody reads any more; the failure itself is reported in any case.
  }
}
