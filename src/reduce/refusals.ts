// What a reduce says to records, or to options, that it can do nothing with.
import { SluiceError } from '../errors.ts';
import type { OutputMode } from './output-mode.ts';
import type { ReducePlan } from './plan.ts';
import type { Running } from './running-keeper.ts';

export function nothingToReduce(): SluiceError {
  const hint =
    'say what to compute: sluice reduce --words, or sluice reduce count --by FIELD; a bare `sluice reduce` merges rows that a reduce upstream wrote';
  return new SluiceError('usage', 'these records were not reduced upstream', hint);
}

/** Rows whose columns a map has changed say so: their aggregates are none. */
export function changedSince(): SluiceError {
  return new SluiceError(
    'usage',
    'these rows were changed since they were reduced upstream, and cannot be merged',
    "say what to compute of them, as in: sluice reduce 'sum(count)' --by FIELD",
  );
}

export function refuseForSessions(plan: ReducePlan, mode: OutputMode, running: Running | undefined): void {
  if (plan.reduced.words)
    throw new SluiceError(
      'usage',
      '--words does not go with sessions',
      'sessions are of the values of a field: sluice reduce count --by FIELD',
    );
  if (running ?? mode !== 'append')
    throw new SluiceError(
      'usage',
      `${running ? '--running' : `--mode ${mode}`} does not go with sessions`,
      'a session is written once, when it has ended: a record may still join two of those that are open',
    );
}

export function tooManySessions(most: number): SluiceError {
  return new SluiceError(
    'badData',
    `more than ${most} sessions are open at a time`,
    'a session of all other keys would be none: a shorter --session or --lateness holds fewer, a larger --max-keys allows more',
  );
}

export function nothingGoesOn(mode: OutputMode): SluiceError {
  return new SluiceError(
    'usage',
    `--mode ${mode} shows what goes on from batch to batch, and here each batch stands by itself`,
    'put a `sluice window` in front, or add --running',
  );
}

export function replacing(mode: OutputMode): SluiceError {
  return new SluiceError(
    'usage',
    `rows written with --mode ${mode} replace those of earlier batches and cannot be added up`,
    'reduce upstream per batch, or per window that closes, and put --running or --mode on the last reduce',
  );
}
