// One process's share of a pipeline, from its first byte to its exit code: a stage alone, or all of them.
import type { Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Core } from './core.ts';
import { ReaderGone, type Output } from './output.ts';
import { runCore } from './run-core.ts';
import { onFirstSignal } from './signals.ts';
import type { Stage } from './stage.ts';
import { warn } from './stderr.ts';

/** `ending` is undefined where the reader went away first. */
export type JobEnd = { readonly ending: Envelope | undefined; readonly exitCode: number };

/** `read` gets told when to stop; a pipe just goes on until its writer ends. */
export async function runJob<Input>(
  read: (stop: AbortSignal) => AsyncIterator<Input, Envelope>,
  core: Core<Input>,
  output: Output,
  stages: readonly Pick<Stage, 'name' | 'closing'>[],
): Promise<JobEnd> {
  const stop = new AbortController();
  onFirstSignal(() => stop.abort());
  // The first stage is the one that reads.
  const reading = attributed(read(stop.signal), stages[0]?.name);
  const ending = await untilReaderGone(runCore(reading, core, output, Date.now), output).finally(() => {
    // A file that was not read to its end is closed. Nobody waits for it: a read may be pending for who knows how long.
    reading.return?.().catch(() => undefined);
  });
  let exitCode: number = exitCodes.ok.code;
  for (const { name, closing } of stages) {
    const { warnings, isAboveLimit } = closing?.() ?? { warnings: [], isAboveLimit: false };
    for (const { message, hint } of warnings) warn(name, message, hint);
    if (isAboveLimit) exitCode = exitCodes.rejected.code;
  }
  return { ending, exitCode };
}

/** `input` as the reading of `stage`: what fails there failed in it. */
export function attributed<Input>(
  input: AsyncIterator<Input, Envelope>,
  stage: string | undefined,
): AsyncIterator<Input, Envelope> {
  const next = async (): Promise<IteratorResult<Input, Envelope>> => {
    try {
      return await input.next();
    } catch (error) {
      if (error instanceof SluiceError) error.stage ??= stage;
      throw error;
    }
  };
  return {
    next,
    ...(input.return && { return: () => input.return?.() as Promise<IteratorReturnResult<Envelope>> }),
  };
}

async function untilReaderGone(running: Promise<Envelope>, output: Output): Promise<Envelope | undefined> {
  try {
    return await running;
  } catch (error) {
    await output.abandon?.();
    if (error instanceof ReaderGone) return undefined;
    throw error;
  }
}
