// Stages fused into one step where that gives the same bytes for less work. Decided on stages that are made, before
// anything is read; `explain` shows it.
import { Executor, type ExecutorSettings } from '../executor/executor.ts';
import { cutWarnings } from '../ingest/stage.ts';
import { rangesOf } from '../scan/ranges.ts';
import { ScanCore, scanRanges } from '../scan/scan.ts';
import type { ScannedWords } from '../scan/scan-words.ts';
import type { Core } from '../stage/core.ts';
import type { Closing, Stage } from '../stage/stage.ts';
import type { Envelope } from '../envelope/envelope.ts';

/** The beginning of a pipeline in one step. */
export type FusedStart = {
  readonly name: string;
  /** How many stages it stands for. */
  readonly stages: number;
  /** For `explain`. */
  readonly description: string;
  readonly read: (stop: AbortSignal) => AsyncIterator<ScannedWords, Envelope>;
  readonly core: Core<ScannedWords>;
  readonly closing: () => Closing;
  readonly close: () => Promise<void>;
};

/** `ingest FILE… | batch --once | reduce --words`: words are counted where the files are read. */
export async function fuseStart(
  stages: readonly Stage[],
  settings: ExecutorSettings,
): Promise<FusedStart | undefined> {
  const [ingest, batch, reduce] = stages;
  if (ingest?.role !== 'source' || batch?.role !== 'filter' || reduce?.role !== 'filter') return undefined;
  const { wordCount } = reduce;
  if (!batch.isOneBatch || !wordCount) return undefined;
  const whole = await ingest.wholeFiles?.();
  if (!whole) return undefined;
  const { files, maxRecord } = whole;
  const ranges = rangesOf(files, settings.workers);
  // One range is read sooner than a worker has started.
  const workers = ranges.length > 1 ? settings.workers : 0;
  const executor = new Executor({ ...settings, workers });
  const core = new ScanCore(
    wordCount.plan,
    wordCount.partSize,
    files.reduce((sum, { size }) => sum + size, 0),
  );
  return {
    name: 'scan',
    stages: 3,
    description: `count words from the bytes of ${ranges.length} ${ranges.length === 1 ? 'range' : 'ranges'} of ${files.length} ${files.length === 1 ? 'file' : 'files'}, in ${workers} workers`,
    read: (stop) => scanRanges(ranges, maxRecord, executor, stop),
    core,
    closing: () => ({ warnings: cutWarnings(core.cut, maxRecord), isAboveLimit: false }),
    close: () => executor.close(),
  };
}
