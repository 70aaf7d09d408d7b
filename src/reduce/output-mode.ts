// --mode and --emit: which rows are written after a batch. One notion for windows and running totals, with the names
// that Spark has for it.
//
//              windows                                      --running
//   append     a window's rows, once, when it closes        refused: running totals never close
//   update     rows that changed with this batch            the same; as --emit changed
//   complete   all rows of windows that are not closed      all rows; as --emit all, and the default
import { SluiceError } from '../errors.ts';

export type OutputMode = 'append' | 'update' | 'complete';

export type ModeSettings = {
  readonly running: boolean;
  readonly mode: OutputMode | undefined;
  readonly emit: 'all' | 'changed' | undefined;
  readonly ttl: number | undefined;
  readonly initial: string | undefined;
};

/** Throws SluiceError('usage') for what does not go together. */
export function outputModeFrom({ running, mode, emit, ttl, initial }: ModeSettings): OutputMode {
  if (!running) {
    if (emit !== undefined) throw withoutRunning('--emit', 'of windows, --mode says which rows are written');
    if (ttl !== undefined) throw withoutRunning('--ttl', 'rows of batches and windows are not kept');
    if (initial !== undefined) throw withoutRunning('--initial', 'batches and windows begin with nothing');
    return mode ?? 'append';
  }
  if (mode === 'append') {
    throw new SluiceError(
      'usage',
      '--mode append does not go with --running',
      'a running total is never final: --mode complete writes all of them after each batch, --mode update those that changed',
    );
  }
  const meant = emit && ({ all: 'complete', changed: 'update' } as const)[emit];
  if (mode && meant && mode !== meant) {
    throw new SluiceError(
      'usage',
      `--emit ${emit} is --mode ${meant}, and there is --mode ${mode} as well`,
      'give one of them',
    );
  }
  return mode ?? meant ?? 'complete';
}

function withoutRunning(option: string, why: string): SluiceError {
  return new SluiceError('usage', `${option} is for --running`, why);
}
