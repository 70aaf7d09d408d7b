// What the whole pipeline does, as data, made of the reports that come with the batches. The status line, the metrics, the
// progress file and the page all show this. Time is an argument: epoch milliseconds.
import type { Header, StageReport } from '../envelope/envelope.ts';
import { addReports, countersOf, heartbeatMilliseconds } from '../stage/reporting.ts';
import { isFallingBehind } from './delay.ts';

/** What a report belongs to, and when the sink had it. */
export type ReportHead = Pick<Header, 'from' | 'to' | 'watermark' | 'offsets' | 'job'> & {
  readonly batch: number | undefined;
  /** It closes a batch; else the batch goes on. */
  readonly last?: boolean | undefined;
  readonly at: number;
};

/** A batch as the end of the pipeline saw it; lengths of time in milliseconds, rates a second. */
export type BatchView = {
  readonly batch: number;
  readonly from?: number;
  readonly to?: number;
  /** When its rows were with the sink. */
  readonly at: number;
  /** Records in it; undefined where threads read whole files and count none. */
  readonly records?: number;
  /** Rows that were written. */
  readonly rows: number;
  /** Undefined where nobody can tell over which time they came. */
  readonly inputRate?: number;
  /**
   * Behind its due time until the sink was through with the batch before, then until it had this one. Batches without an
   * interval are due at no time: what the busiest stage did is all that can be told of them.
   */
  readonly schedulingDelay?: number;
  readonly processing: number;
  readonly totalDelay?: number;
  readonly watermark?: number;
  readonly offsets?: Header['offsets'];
  readonly stages: readonly StageReport[];
};

export type Progress = {
  /** Bytes of all inputs; `total` is missing where one of them has no end. */
  readonly done: number;
  readonly total?: number;
  /** Milliseconds that are left, as far as can be told. */
  readonly left?: number;
};

export type PipelineView = {
  readonly startedAt: number;
  readonly now: number;
  /** The newest batch that is whole. */
  readonly newest?: BatchView;
  /** Batches that are whole, in this run. */
  readonly batches: number;
  readonly windows: number;
  /** Records that were read, undefined where nobody counts them; and how many a second lately, or else bytes. */
  readonly records?: number;
  readonly rate: number;
  /** What each stage did so far. */
  readonly stages: readonly StageReport[];
  /** Share of the time lately that the busiest stage was busy. */
  readonly busiest?: { readonly stage: string; readonly share: number };
  readonly counters: Readonly<Record<string, number>>;
  readonly progress?: Progress;
  readonly watermark?: number;
  readonly watermarkLag?: number;
  readonly isFallingBehind: boolean;
  readonly end?: 'ok' | 'failed';
};

/** Rates are over so many milliseconds. */
const lately = 10_000;
/** So many batches are kept for tables and charts. */
const mostBatches = 300;

type Sample = { readonly at: number; readonly stages: readonly StageReport[] };

export class Pipeline {
  readonly startedAt: number;
  readonly #batches: BatchView[] = [];
  #samples: Sample[];
  /** Of the whole run, and of the batch that goes on. */
  #sum: readonly StageReport[] = [];
  #open: readonly StageReport[] = [];
  #finished = 0;
  #windows = 0;
  #watermark: number | undefined;
  #end: 'ok' | 'failed' | undefined;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
    this.#samples = [{ at: startedAt, stages: [] }];
  }

  /** The newest last. */
  get batches(): readonly BatchView[] {
    return this.#batches;
  }

  /** The batch that is whole with this report, if one is. */
  report(stages: readonly StageReport[], head: ReportHead): BatchView | undefined {
    this.#sum = addReports(this.#sum, stages);
    this.#open = addReports(this.#open, stages);
    this.#watermark = head.watermark ?? this.#watermark;
    this.#sample(head.at);
    if (!head.last || head.batch === undefined) return undefined;
    const view = this.#close(head.batch, head);
    this.#open = [];
    this.#finished += 1;
    this.#batches.push(view);
    if (this.#batches.length > mostBatches) this.#batches.shift();
    return view;
  }

  /** A window more was shown. */
  window(): void {
    this.#windows += 1;
  }

  close(end: 'ok' | 'failed'): void {
    this.#end = end;
  }

  view(now: number): PipelineView {
    const newest = this.#batches.at(-1);
    const busiest = this.#busiest(now);
    const progress = this.#progress(now);
    return {
      startedAt: this.startedAt,
      now,
      ...(newest && { newest }),
      batches: this.#finished,
      windows: this.#windows,
      ...this.#read(now),
      stages: this.#sum,
      ...(busiest && { busiest }),
      counters: this.#counters(),
      ...(progress && { progress }),
      ...(this.#watermark !== undefined && {
        watermark: this.#watermark,
        watermarkLag: Math.max(0, now - this.#watermark),
      }),
      isFallingBehind: isFallingBehind(this.#batches),
      ...(this.#end && { end: this.#end }),
    };
  }

  #read(now: number): Pick<PipelineView, 'records' | 'rate'> {
    const [source] = this.#sum;
    if (!source || countsNone(source)) return { rate: this.#rate((stages) => stages[0]?.done ?? 0, now) };
    return { records: source.out, rate: this.#rate((stages) => stages[0]?.out ?? 0, now) };
  }

  #close(batch: number, { from, to, at, watermark, offsets }: ReportHead): BatchView {
    const stages = this.#open;
    const records = recordsOf(stages);
    const before = this.#batches.at(-1)?.at;
    const elapsed = from !== undefined && to !== undefined ? to - from : at - (before ?? this.startedAt);
    return {
      batch,
      ...(from !== undefined && to !== undefined && { from, to }),
      at,
      ...(records !== undefined && { records }),
      rows: stages.at(-1)?.out ?? 0,
      ...(elapsed > 0 && records !== undefined && { inputRate: (1000 * records) / elapsed }),
      ...(to === undefined
        ? { processing: Math.max(0, ...stages.map(({ ms }) => ms)) }
        : delays(to, before, at)),
      ...(watermark !== undefined && { watermark }),
      ...(offsets && { offsets }),
      stages,
    };
  }

  /** One from before `lately`, and all since; what comes in the same moment counts once. */
  #sample(at: number): void {
    if (this.#samples.at(-1)?.at === at && this.#samples.length > 1) this.#samples.pop();
    this.#samples.push({ at, stages: this.#sum });
    const first = this.#samples.findIndex((sample) => sample.at >= at - lately);
    if (first > 1) this.#samples = this.#samples.slice(first - 1);
  }

  #rate(count: (stages: readonly StageReport[]) => number, now: number): number {
    const [first] = this.#samples;
    const newest = this.#samples.at(-1);
    if (!first || !newest) return 0;
    // Until the next report is due, what came last is the state of things.
    const elapsed = Math.max(newest.at, now - 2 * heartbeatMilliseconds) - first.at;
    return elapsed > 0 ? (1000 * (count(newest.stages) - count(first.stages))) / elapsed : 0;
  }

  #busiest(now: number): PipelineView['busiest'] {
    const shares = this.#sum.map(({ stage }, index) => {
      const perSecond = this.#rate((stages) => stages[index]?.ms ?? 0, now);
      return { stage, share: Math.min(1, perSecond / 1000) };
    });
    return shares.reduce<PipelineView['busiest']>(
      (one, other) => (one && one.share >= other.share ? one : other),
      undefined,
    );
  }

  #progress(now: number): Progress | undefined {
    const [source] = this.#sum;
    if (source?.done === undefined) return undefined;
    const { done, total } = source;
    if (total === undefined) return { done };
    const perSecond = this.#rate((stages) => stages[0]?.done ?? 0, now);
    const left = perSecond > 0 && done < total ? (1000 * (total - done)) / perSecond : undefined;
    return { done, total, ...(left !== undefined && { left }) };
  }

  #counters(): Record<string, number> {
    const counters: Record<string, number> = {};
    for (const report of this.#sum) {
      for (const [name, count] of countersOf(report)) counters[name] = (counters[name] ?? 0) + count;
    }
    return counters;
  }
}

/** Whole files that are reduced where they are read: what comes out of that are rows. */
function countsNone({ stage }: StageReport): boolean {
  return stage === 'scan';
}

/** Blocks are cut where batches end, so that the stage behind them knows best. */
function recordsOf(stages: readonly StageReport[]): number | undefined {
  const source = stages.find(({ stage }) => stage === 'batch') ?? stages[0];
  return source && !countsNone(source) ? source.out : undefined;
}

/**
 * How uneven the work of a stage was in a batch: its fullest partition as a multiple of an even division, else its slowest task
 * as a multiple of the mean. Undefined where it was not divided.
 */
export function skewOf({
  imbalance,
  tasks = 0,
  taskMs = 0,
  slowestTask = 0,
}: StageReport): number | undefined {
  if (typeof imbalance === 'number') return imbalance;
  return tasks > 1 && taskMs > 0 ? (slowestTask * tasks) / taskMs : undefined;
}

/** One batch after another, as Spark has it: the time from due to done is that of waiting for the one before, and the rest. */
function delays(
  to: number,
  before: number | undefined,
  at: number,
): Pick<BatchView, 'schedulingDelay' | 'processing' | 'totalDelay'> {
  // Where the input ends, the last batch is closed before its time.
  const due = Math.min(to, at);
  const begun = Math.min(Math.max(due, before ?? due), at);
  return { schedulingDelay: begun - due, processing: at - begun, totalDelay: at - due };
}
