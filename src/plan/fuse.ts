// Stages fused into one step where that gives the same bytes for less work. Decided on stages that are made, before
// anything is read; `explain` shows it.
import type { Envelope } from '../envelope/envelope.ts';
import { Executor, type ExecutorSettings } from '../executor/executor.ts';
import { cutWarnings } from '../ingest/stage.ts';
import { FieldTable } from '../reduce/field-table.ts';
import { WordTable } from '../reduce/word-table.ts';
import { Scan, type ScanInput } from '../scan/scan.ts';
import { chain, type Core } from '../stage/core.ts';
import { withReport } from '../stage/reporting.ts';
import type { FilterStage, Reduction, SourceStage, Stage, WholeFiles } from '../stage/stage.ts';

/** The beginning of a pipeline in one step. */
export type FusedStart = {
  readonly name: string;
  /** How many stages it stands for. */
  readonly stages: number;
  /** For `explain`. */
  readonly description: string;
  readonly read: (stop: AbortSignal) => AsyncIterator<ScanInput, Envelope>;
  readonly core: Core<ScanInput>;
  /** What the stages it stands for have to say at the end. */
  readonly covers: readonly Pick<Stage, 'name' | 'closing'>[];
  readonly close: () => Promise<void>;
};

/** Below so many bytes one thread is done before another has started. */
const worthWorkers = 32 * 1024 * 1024;

/** `ingest FILE… | batch --once | reduce …`: the reduction is done where the files are read. */
export async function fuseStart(
  stages: readonly Stage[],
  settings: ExecutorSettings,
): Promise<FusedStart | undefined> {
  const [ingest, batch, reduce] = stages;
  if (ingest?.role !== 'source' || batch?.role !== 'filter' || reduce?.role !== 'filter') return undefined;
  const { reduction } = reduce;
  if (!batch.isOneBatch || !reduction) return undefined;
  const whole = await ingest.wholeFiles?.();
  if (!whole || !suits(reduction, whole.format)) return undefined;
  return fuse([ingest, batch, reduce], reduction, whole, settings);
}

/** Columns are of lines of text, members of JSON objects; of words no matter which, but they are text. */
function suits({ fields }: Reduction, format: WholeFiles['format']): boolean {
  return format === 'lines' ? !fields?.json : fields?.json !== undefined;
}

function fuse(
  [ingest, batch, reduce]: [SourceStage, FilterStage, FilterStage],
  reduction: Reduction,
  { files, maxRecord }: WholeFiles,
  settings: ExecutorSettings,
): FusedStart {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  // This thread reads too; what is small it has read before a worker has started.
  const workers = bytes > worthWorkers ? Math.max(0, settings.workers - 1) : 0;
  const executor = new Executor({ ...settings, workers });
  const filters = chain(withReport(batch.core, batch.name), withReport(reduce.core, reduce.name));
  const ordinary = { read: ingest.read, core: chain(withReport(ingest.core, ingest.name), filters) };
  const { plan, fields } = reduction;
  const table = fields ? new FieldTable(plan, fields) : new WordTable(plan);
  const scan = new Scan({ files, maxRecord, reduction, executor, ordinary }, table);
  return {
    name: 'scan',
    stages: 3,
    description: `${fields ? 'add up fields' : 'count words'} from the bytes of ${counted(files.length, 'file')}, in ${counted(workers + 1, 'thread')}`,
    read: (stop) => scan.read(stop),
    core: scan,
    covers: [
      {
        name: ingest.name,
        closing: () => ({ warnings: cutWarnings(scan.cut, maxRecord), isAboveLimit: false }),
      },
      ingest,
      batch,
      reduce,
    ],
    close: () => executor.close(),
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
