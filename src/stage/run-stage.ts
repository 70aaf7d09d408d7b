// A core as a Unix process: standard input, core, standard output, signals, and how it all ends.
import { fstatSync } from 'node:fs';
import type { Envelope } from '../envelope/envelope.ts';
import { exitCodes } from '../exit-codes.ts';
import { messageOf, SluiceError } from '../errors.ts';
import type { Core } from './core.ts';
import { readEnvelopes, upstreamDied } from './input.ts';
import { ReaderGone, standardEnvelopes, type Output } from './output.ts';
import { RejectPolicy } from './rejects.ts';
import { withReport } from './reporting.ts';
import { runCore } from './run-core.ts';
import { onFirstSignal } from './signals.ts';
import { warn } from './stderr.ts';

/** A stage between two pipes. Resolves to the exit code. */
export async function runFilter(stage: string, core: Core, rejects?: RejectPolicy): Promise<number> {
  refuseTerminal(stage);
  onFirstSignal(() => undefined);
  let isCutOff = false;
  const envelopes = readEnvelopes(readStandardInput(), () => (isCutOff = true));
  const ending = await runToEnd(envelopes, withReport(core, stage), standardEnvelopes(), envelopeEnd);
  if (rejects?.summary) warn(stage, rejects.summary);
  if (isCutOff) throw new SluiceError('inputOutput', upstreamDied);
  if (ending?.header.end === 'failed') return exitCodes.inputOutput.code;
  return rejects?.isAboveLimit ? exitCodes.rejected.code : exitCodes.ok.code;
}

/** Runs `core` until the stream ends; undefined where the reader went away first. */
export async function runToEnd<Input>(
  input: AsyncIterator<Input>,
  core: Core<Input>,
  output: Output,
  asEnd: (result: IteratorResult<Input>) => Envelope | undefined,
): Promise<Envelope | undefined> {
  try {
    return await runCore(input, core, output, Date.now, asEnd);
  } catch (error) {
    if (error instanceof ReaderGone) return undefined;
    throw error;
  } finally {
    // What is still unread keeps the process alive otherwise; closing it ends the stage upstream as well.
    process.stdin.destroy();
  }
}

export function envelopeEnd(result: IteratorResult<Envelope>): Envelope | undefined {
  if (result.done) throw new Error('the input stopped without an end envelope');
  return result.value.header.end ? result.value : undefined;
}

/** Standard input as bytes. Throws SluiceError('inputOutput') where it cannot be read. */
export async function* readStandardInput(): AsyncGenerator<Buffer> {
  try {
    // Node takes a directory for an empty input.
    if (fstatSync(0).isDirectory()) throw new Error('it is a directory');
    yield* process.stdin as AsyncIterable<Buffer>;
  } catch (error) {
    throw new SluiceError('inputOutput', `cannot read standard input: ${messageOf(error)}`, undefined, error);
  }
}

export function refuseTerminal(stage: string): void {
  if (!process.stdin.isTTY) return;
  const hint = `it reads envelopes from a pipe, for example: sluice ingest access.log | sluice batch --once | sluice ${stage} …`;
  throw new SluiceError('usage', 'standard input is a terminal', hint);
}
