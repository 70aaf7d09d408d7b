// --through: what comes in also goes out, as it came, for stages that follow.
import type { Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import { ReaderGone, type Output } from '../stage/output.ts';

/** `core`, whose input is handed on to `output`. Where nobody reads that any more, the rest goes on. */
export function through(core: Core, output: Output): Core {
  let isGone = false;
  const hearing = async (written: Promise<void>): Promise<void> => {
    try {
      await written;
    } catch (error) {
      if (!(error instanceof ReaderGone)) throw error;
      isGone = true;
    }
  };
  function* pass(envelope: Envelope): Generator<Promise<void>> {
    if (isGone) return;
    try {
      const written = output.write(envelope);
      if (written) yield hearing(written);
    } catch (error) {
      if (!(error instanceof ReaderGone)) throw error;
      isGone = true;
    }
  }
  return {
    *accept(envelope, now) {
      yield* pass(envelope);
      yield* core.accept(envelope, now);
    },
    *end(ending, now) {
      yield* core.end(ending, now);
      yield* pass(ending);
    },
    attach() {
      throw new SluiceError(
        'usage',
        '--through is not for a job that keeps state: only its last stage commits',
        'let the pipeline part: sluice run "… | emit a.csv ; … | reduce … | emit b.csv"',
      );
    },
  };
}
