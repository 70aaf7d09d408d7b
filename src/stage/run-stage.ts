// A stage as a Unix process: standard input, core, standard output, and how it ends.
import type { Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Committing } from './committing.ts';
import type { Core } from './core.ts';
import { readEnvelopes, upstreamDied } from './input.ts';
import type { Merged } from './merge.ts';
import { standardEnvelopes, type EnvelopeOutput } from './output.ts';
import { drivenCore, withState } from './driven-core.ts';
import { withReport } from './reporting.ts';
import { runJob, type JobEnd } from './run-job.ts';
import { closeStandardInput, isStandardInputGiven, readStandardInput } from './standard-input.ts';
import type { FilterStage, MergeStage, SinkStage, SourceChunk, SourceStage, Stage } from './stage.ts';

/** Resolves to the exit code. Throws SluiceError where the stage, or one upstream, failed. */
export function runStage(stage: Stage): Promise<number> {
  const running = stage.role === 'source' ? runSource(stage) : runBehindPipe(stage);
  return running.finally(closeStandardInput);
}

async function runSource(stage: SourceStage): Promise<number> {
  try {
    const output = standardEnvelopes();
    const core = flushing(withReport(stage.core, stage.name), output);
    const { exitCode } = await runJob(stage.read, core, output, [stage]);
    return exitCode;
  } finally {
    await stage.finish?.();
  }
}

/** `core`, with what somebody waits for out of this process before more is read: that nobody takes it shows only then. */
function flushing(core: Core<SourceChunk>, output: EnvelopeOutput): Core<SourceChunk> {
  return {
    ...core,
    *accept(input, now) {
      yield* core.accept(input, now);
      if ('source' in input && input.isAwaited) yield output.flush();
    },
  };
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
