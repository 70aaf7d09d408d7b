// What the whole pipeline does, in one line. What matters least goes first where the line is short.
import { formatBytes, formatCount, formatPercent, formatTimeSpan } from './amounts.ts';
import { skewOf, type PipelineView } from './pipeline.ts';

/** A word or two of the line; `rank` 0 stays longest. */
type Fact = { readonly rank: number; readonly text: string };

/** Below it a division is even enough. */
const notableSkew = 1.5;

/** `batch 12 · 1.2M records (350k/s) · 45% of 120 MB, 8.0s left · busiest: reduce 61%`, at most so many columns where it can be. */
export function statusLine(view: PipelineView, columns = Number.POSITIVE_INFINITY): string {
  if (view.stages.length === 0) return 'waiting for the first batch';
  const facts = factsOf(view);
  const width = (): number => facts.reduce((sum, { text }) => sum + text.length + 3, -3);
  while (width() > columns && facts.length > 1) {
    const last = Math.max(...facts.map(({ rank }) => rank));
    facts.splice(
      facts.findLastIndex(({ rank }) => rank === last),
      1,
    );
  }
  return facts.map(({ text }) => text).join(' · ');
}

function factsOf({ newest, ...view }: PipelineView): Fact[] {
  const facts: Fact[] = [];
  const add = (rank: number, text: string): void => void facts.push({ rank, text });
  if (view.isFallingBehind) add(0, 'falling behind');
  if (newest) add(2, `batch ${newest.batch}`);
  if (view.windows > 0) add(6, `window ${view.windows}`);
  add(
    0,
    view.records === undefined
      ? `${formatBytes(view.rate)}/s`
      : `${formatCount(view.records)} records (${formatCount(view.rate)}/s)`,
  );
  if (view.progress?.total) add(1, progressFact(view.progress.done, view.progress.total, view.progress.left));
  if (newest?.schedulingDelay !== undefined && newest.from !== undefined && newest.to !== undefined) {
    add(3, `processing ${formatTimeSpan(newest.processing)} of ${formatTimeSpan(newest.to - newest.from)}`);
    add(5, `scheduling delay ${formatTimeSpan(newest.schedulingDelay)}`);
  }
  if (view.watermarkLag !== undefined) add(5, `watermark lag ${formatTimeSpan(view.watermarkLag)}`);
  if (view.busiest) add(4, `busiest: ${view.busiest.stage} ${formatPercent(view.busiest.share)}`);
  const skew = Math.max(0, ...(newest?.stages ?? []).map((report) => skewOf(report) ?? 0));
  if (skew > notableSkew) add(4, `skew ${skew.toFixed(1)}×`);
  for (const [name, count] of Object.entries(view.counters)) add(1, `${formatCount(count)} ${name}`);
  return facts;
}

function progressFact(done: number, total: number, left: number | undefined): string {
  const time = left === undefined ? '' : `, ${formatTimeSpan(left)} left`;
  return `${Math.floor((100 * done) / total)}% of ${formatBytes(total)}${time}`;
}
