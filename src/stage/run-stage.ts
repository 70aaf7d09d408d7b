// A stage as a Unix process: standard input, core, standard output, and how it ends.
import type { Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Committing } from './committing.ts';
import { readEnvelopes, upstreamDied } from './input.ts';
import type { Merged } from './merge.ts';
import { standardEnvelopes } from './output.ts';
import { drivenCore, withState } from './driven-core.ts';
import { withReport } from './reporting.ts';
import { runJob, type JobEnd } from './run-job.ts';
import { closeStandardInput, isStandardInputGiven, readStandardInput } from './standard-input.ts';
import type { FilterStage, MergeStage, SinkStage, SourceStage, Stage } from './stage.ts';

/** Resolves to the exit code. Throws SluiceError where the stage, or one upstream, failed. */
export function runStage(stage: Stage): Promise<number> {
  const running = stage.role === 'source' ? runSource(stage) : runBehindPipe(stage);
  return running.finally(closeStandardInput);
}

async function runSource(stage: SourceStage): Promise<number> {
  try {
    const core = withReport(stage.core, stage.name);
    const { exitCode } = await runJob(stage.read, core, standardEnvelopes(), [stage]);
    return exitCode;
  } finally {
    await stage.finish?.();
  }
}

async function runBehindPipe(stage: FilterStage | MergeStage | SinkStage): Promise<number> {
  const hasUpstream = stage.role !== 'merge' || stage.needsUpstream || isStandardInputGiven();
  if (hasUpstream) refuseTerminal(stage.name);
  let isCutOff = false;
  const upstream = readEnvelopes(readStandardInput(), () => (isCutOff = true));
  const { ending, exitCode } = await runBehind(stage, upstream, hasUpstream);
  if (isCutOff) throw new SluiceError('inputOutput', upstreamDied);
  if (ending?.header.end !== 'failed') return exitCode;
  // Of the stages behind the one that failed, the last one says so to people; the others stay quiet.
  if (stage.role !== 'sink') return exitCodes.inputOutput.code;
  throw new SluiceError(
    'inputOutput',
    `upstream failed: ${ending.header.reason ?? 'no reason given'}`,
    stage.targets.includes('-') ? 'what came before is shown above' : undefined,
  );
}

async function runBehind(
  stage: FilterStage | MergeStage | SinkStage,
  upstream: AsyncIterator<Envelope, Envelope>,
  hasUpstream: boolean,
): Promise<JobEnd> {
  if (stage.role === 'sink') {
    const sink = await stage.open(true);
    return runJob(() => upstream, withState(stage.core, stage), new Committing(sink, [sink]), [stage]);
  }
  const output = standardEnvelopes();
  if (stage.role === 'filter') return runJob(() => upstream, drivenCore(stage), output, [stage]);
  const read = (): AsyncIterator<Merged, Envelope> => stage.merge(upstream, hasUpstream);
  return runJob(read, drivenCore(stage), output, [stage]);
}

function refuseTerminal(stage: string): void {
  if (!process.stdin.isTTY) return;
  const hint = `it reads envelopes from a pipe, for example: sluice ingest access.log | sluice batch --once | sluice ${stage} …`;
  throw new SluiceError('usage', 'standard input is a terminal', hint);
}
