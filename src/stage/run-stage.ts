// A stage as a Unix process: standard input, core, standard output, and how it ends.
import type { Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { passThrough } from './core.ts';
import { readEnvelopes, upstreamDied } from './input.ts';
import { standardEnvelopes } from './output.ts';
import { withReport } from './reporting.ts';
import { runJob } from './run-job.ts';
import { closeStandardInput, readStandardInput } from './standard-input.ts';
import type { FilterStage, SinkStage, SourceStage, Stage } from './stage.ts';

/** Resolves to the exit code. Throws SluiceError where the stage, or one upstream, failed. */
export function runStage(stage: Stage): Promise<number> {
  const running = stage.role === 'source' ? runSource(stage) : runBehindPipe(stage);
  return running.finally(closeStandardInput);
}

async function runSource(stage: SourceStage): Promise<number> {
  const { exitCode } = await runJob(stage.read, withReport(stage.core, stage.name), standardEnvelopes(), [
    stage,
  ]);
  return exitCode;
}

async function runBehindPipe(stage: FilterStage | SinkStage): Promise<number> {
  refuseTerminal(stage.name);
  let isCutOff = false;
  const read = (): AsyncIterator<Envelope, Envelope> =>
    readEnvelopes(readStandardInput(), () => (isCutOff = true));
  const core = stage.role === 'filter' ? withReport(stage.core, stage.name) : passThrough;
  const output = stage.role === 'sink' ? await stage.open(true) : standardEnvelopes();
  const { ending, exitCode } = await runJob(read, core, output, [stage]);
  if (isCutOff) throw new SluiceError('inputOutput', upstreamDied);
  if (ending?.header.end !== 'failed') return exitCode;
  // Of the stages behind the one that failed, the last one says so to people; the others stay quiet.
  if (stage.role === 'filter') return exitCodes.inputOutput.code;
  throw new SluiceError(
    'inputOutput',
    `upstream failed: ${ending.header.reason ?? 'no reason given'}`,
    stage.target === '-' ? 'what came before is shown above' : undefined,
  );
}

function refuseTerminal(stage: string): void {
  if (!process.stdin.isTTY) return;
  const hint = `it reads envelopes from a pipe, for example: sluice ingest access.log | sluice batch --once | sluice ${stage} …`;
  throw new SluiceError('usage', 'standard input is a terminal', hint);
}
