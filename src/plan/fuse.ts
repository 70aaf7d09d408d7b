// Stages fused into one step where that gives the same bytes for less work. Decided on stages that are made, before
// anything is read; `explain` shows it.
import type { Envelope } from '../envelope/envelope.ts';
import { Executor } from '../executor/executor.ts';
import { cutWarnings } from '../ingest/stage.ts';
import { readingFor } from '../scan/reading.ts';
import { Scan, type ScanInput } from '../scan/scan.ts';
import { numbered, broadcast, type Branch } from '../stage/branches.ts';
import { chain, type Core } from '../stage/core.ts';
import { drivenCore } from '../stage/driven-core.ts';
import { withReport } from '../stage/reporting.ts';
import type { FilterStage, Reduction, SourceStage, Stage, WholeFiles } from '../stage/stage.ts';
import { hasMerge, type MadeNode } from './make.ts';

/** The beginning of a tree in one step. */
export type FusedStart = {
  readonly name: 'scan';
  readonly source: MadeNode;
  readonly batch: MadeNode;
  /** The nodes whose work is done where the files are read, one for each branch. */
  readonly reduces: readonly MadeNode[];
  readonly files: WholeFiles['files'];
  /** How many read, this one included. */
  readonly threads: number;
  /** Has the threads start, which takes longer than all that is left to do before something is read. */
  readonly warmUp: () => void;
  /** What comes out has the number of its branch. `asBranch` is told the work of one of `reduces`. */
  readonly start: (asBranch: (node: MadeNode, core: Core) => Branch) => {
    readonly read: (stop: AbortSignal) => AsyncIterator<ScanInput, Envelope>;
    readonly core: Core<ScanInput>;
    /** What the stages it stands for have to say at the end. */
    readonly covers: readonly Pick<Stage, 'name' | 'closing'>[];
  };
  readonly close: () => Promise<void>;
};

/** Below so many bytes one thread is done before another has started. */
const worthWorkers = 32 * 1024 * 1024;

/**
 * `ingest FILE… | batch --once | reduce …`, with any number of reductions: they are done where the files are read. Where
 * one of them cannot be, all take what is read once in this thread. Reading again for those that can would give no more
 * than noise: 100 MB of an access log, counted in a scan, takes 0.29 s, with `min` in this thread 1.80 s, both from one
 * reading 1.96 s, and so they see the same of a file that grows.
 */
export async function fuseStart(source: MadeNode): Promise<FusedStart | undefined> {
  const [batch, ...others] = source.next;
  if (!batch || others.length > 0 || source.stage.role !== 'source' || hasMerge(source.next))
    return undefined;
  if (batch.stage.role !== 'filter' || !batch.stage.isOneBatch) return undefined;
  const reductions = batch.next.flatMap(({ stage }) =>
    stage.role === 'filter' ? (stage.reduction ?? []) : [],
  );
  const [first] = reductions;
  if (!first || reductions.length < batch.next.length) return undefined;
  const whole = await source.stage.wholeFiles?.();
  const format =
    whole &&
    readingFor(
      whole.format,
      reductions.map(({ fields }) => fields),
    );
  if (!format) return undefined;
  const reading = { ...whole, format };
  return fuse([source, source.stage], [batch, batch.stage], [first, ...reductions.slice(1)], reading);
}

function fuse(
  [source, ingest]: [MadeNode, SourceStage],
  [batch, { core: batchCore, name: batchName }]: [MadeNode, FilterStage],
  reductions: readonly [Reduction, ...Reduction[]],
  { files, maxRecord, format, skipped }: WholeFiles,
): FusedStart {
  const settings = reductions[0].executor;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  // This thread reads too; what is small it has read before a worker has started.
  const workers = bytes > worthWorkers ? settings.workers : 0;
  const executor = new Executor({ ...settings, workers });
  const batched = chain(withReport(ingest.core, ingest.name), withReport(batchCore, batchName));
  const reduces = batch.next;
  return {
    name: 'scan',
    source,
    batch,
    reduces,
    files,
    threads: workers + 1,
    warmUp: () => executor.start(),
    start(asBranch) {
      const branches = reduces.map((node, index) => asBranch(node, numbered(reportedCore(node), index)));
      const ordinary = chain(batched, broadcast(branches));
      const scan = new Scan(
        { files, maxRecord, format, skipped, reductions, executor, read: ingest.read },
        ordinary,
      );
      const closing = (): ReturnType<NonNullable<Stage['closing']>> => ({
        warnings: cutWarnings(scan.cut, maxRecord),
        isAboveLimit: false,
      });
      const stages = [source, batch, ...reduces].map(({ stage }) => stage);
      return {
        core: scan,
        read: (stop) => scan.read(stop),
        covers: [{ name: ingest.name, closing }, ...stages],
      };
    },
    close: () => executor.close(),
  };
}

/** The core of a filter, with its report. */
export function reportedCore({ stage }: MadeNode): Core {
  if (stage.role !== 'filter') throw new TypeError(`${stage.name} is no filter`);
  return drivenCore(stage);
}
