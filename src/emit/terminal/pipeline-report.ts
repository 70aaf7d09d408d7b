// What the whole pipeline does, in one line, from the reports that came with the batches.
import type { StageReport } from '../../envelope/envelope.ts';
import { addReports } from '../../stage/reporting.ts';

export class PipelineReport {
  readonly #startedAt: number;
  #sum: readonly StageReport[] = [];
  #batch: number | undefined;

  /** Milliseconds on the clock that `line` is told. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  add(stages: readonly StageReport[], batch: number | undefined): void {
    this.#sum = addReports(this.#sum, stages);
    this.#batch = batch ?? this.#batch;
  }

  /** `batch 12 · 1.2M records (350k/s) · 45% of 120 MB · busy: reduce 61%` */
  line(now: number): string {
    const seconds = Math.max((now - this.#startedAt) / 1000, 0.001);
    const [source] = this.#sum;
    if (!source) return 'waiting for the first batch';
    const facts = [`${compact(source.out)} records (${compact(source.out / seconds)}/s)`];
    if (this.#batch !== undefined) facts.unshift(`batch ${this.#batch}`);
    if (source.total)
      facts.push(`${Math.floor((100 * (source.done ?? 0)) / source.total)}% of ${megabytes(source.total)}`);
    const busiest = this.#sum.reduce((one, other) => (other.ms > one.ms ? other : one));
    facts.push(`busiest: ${busiest.stage} ${Math.min(100, Math.round(busiest.ms / seconds / 10))}%`);
    for (const counter of ['rejected', 'damaged', 'cut', 'late', 'ahead', 'outside']) {
      const count = this.#sum.reduce((total, report) => total + Number(report[counter] ?? 0), 0);
      if (count > 0) facts.push(`${compact(count)} ${counter}`);
    }
    return facts.join(' · ');
  }
}

function compact(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const [amount, unit] =
    count < 1e6 ? [count / 1e3, 'k'] : count < 1e9 ? [count / 1e6, 'M'] : [count / 1e9, 'G'];
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)}${unit}`;
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${compact(bytes)}B` : `${compact(bytes)}B`.replace('MB', ' MB').replace('GB', ' GB');
}
