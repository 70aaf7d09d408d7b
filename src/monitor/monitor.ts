// Looks on at the end of a pipeline: keeps what the whole of it does, hands that to whoever shows it, and says when it does
// not keep up.
import type { StageReport } from '../envelope/envelope.ts';
import type { Observer } from '../emit/emit.ts';
import type { TableHead } from '../emit/formats/format.ts';
import type { Rows } from '../emit/rows.ts';
import { warn } from '../stage/stderr.ts';
import { formatPercent, formatTimeSpan } from './amounts.ts';
import { isFallingBehind, isInTime } from './delay.ts';
import { Pipeline, type BatchView, type ReportHead } from './pipeline.ts';

/** Somewhere to look: metrics, a file, a page. */
export interface Outlet {
  /** Rows of a table, as they are written. */
  table?(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): void;
  /** Something was reported; of a batch that is whole with it, what became of that. */
  report?(batch: BatchView | undefined, head: ReportHead): void;
  close(end: 'ok' | 'failed'): Promise<void> | void;
}

export class Monitor implements Observer {
  readonly pipeline: Pipeline;
  readonly #outlets: Outlet[] = [];
  readonly #warn: (message: string, hint: string) => void;
  /** It was said that batches are late, and they are still. */
  #isSaid = false;

  constructor(
    startedAt: number,
    tell = (message: string, hint: string): void => warn('emit', message, hint),
  ) {
    this.pipeline = new Pipeline(startedAt);
    this.#warn = tell;
  }

  add(outlet: Outlet): void {
    this.#outlets.push(outlet);
  }

  table(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): void {
    if (isFirst && head.isWindow) this.pipeline.window();
    for (const outlet of this.#outlets) outlet.table?.(rows, head, isFirst, isLast);
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    const batch = this.pipeline.report(stages, head);
    if (batch) this.#warnWhereLate(batch);
    for (const outlet of this.#outlets) outlet.report?.(batch, head);
  }

  async close(end: 'ok' | 'failed'): Promise<void> {
    this.pipeline.close(end);
    await Promise.all(this.#outlets.map(async (outlet) => outlet.close(end)));
  }

  #warnWhereLate(batch: BatchView): void {
    if (this.#isSaid && isInTime(batch)) this.#isSaid = false;
    if (this.#isSaid || !isFallingBehind(this.pipeline.batches)) return;
    this.#isSaid = true;
    const { from = 0, to = 0, totalDelay = 0 } = batch;
    const { busiest } = this.pipeline.view(batch.at);
    const busy = busiest ? `${busiest.stage} is busy ${formatPercent(busiest.share)} of the time; ` : '';
    const remedy =
      busiest?.stage === 'emit'
        ? 'a longer interval, so that it writes less often, or fewer rows may help'
        : 'a longer interval, fewer keys or `sluice run` with --workers may help';
    this.#warn(
      `batches are later and later: batch ${batch.batch} was done ${formatTimeSpan(totalDelay)} after its time, at an interval of ${formatTimeSpan(to - from)}`,
      `${busy}${remedy}`,
    );
  }
}
