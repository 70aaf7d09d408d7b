// `--metrics`: what the whole pipeline does, for Prometheus. Times are seconds, and what counts up ends in `_total`, as its
// conventions have it.
import type { StageReport } from '../envelope/envelope.ts';
import { packageVersion } from '../package.ts';
import { countersOf } from '../stage/reporting.ts';
import type { Outlet } from './monitor.ts';
import { skewOf, type BatchView, type Pipeline } from './pipeline.ts';
import { contentType, formatFamilies, Histogram, type Family } from './prometheus.ts';
import type { Route } from './server.ts';

/** Seconds: of batches that take milliseconds, and of those that are minutes late. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export class Metrics implements Outlet {
  readonly #pipeline: Pipeline;
  readonly #processing = new Histogram(bounds);
  readonly #schedulingDelay = new Histogram(bounds);
  readonly #totalDelay = new Histogram(bounds);

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  report(batch: BatchView | undefined): void {
    if (!batch) return;
    this.#processing.observe(batch.processing / 1000);
    if (batch.schedulingDelay !== undefined) this.#schedulingDelay.observe(batch.schedulingDelay / 1000);
    if (batch.totalDelay !== undefined) this.#totalDelay.observe(batch.totalDelay / 1000);
  }

  close(): void {
    // The server closes with the stream.
  }

  text(now: number): string {
    return formatFamilies([
      ...this.#pipelineFamilies(now),
      ...this.#batchFamilies(now),
      ...this.#stages(now),
    ]);
  }

  readonly route: Route = (_request, response) => {
    response.writeHead(200, { 'Content-Type': contentType }).end(this.text(Date.now()));
  };

  #pipelineFamilies(now: number): Family[] {
    const { startedAt, progress, watermark, isFallingBehind } = this.#pipeline.view(now);
    return [
      gauge('sluice_build_info', 'The version of sluice that runs.', 1, { version: packageVersion() }),
      gauge('sluice_start_time_seconds', 'When emit started, since the epoch.', startedAt / 1000),
      gauge('sluice_input_position_bytes', 'How far the input has been read.', progress?.done),
      gauge('sluice_input_size_bytes', 'Size of the input, where all of it has an end.', progress?.total),
      gauge(
        'sluice_watermark_timestamp_seconds',
        'The event time up to which the stream is taken to be complete, since the epoch.',
        watermark === undefined ? undefined : watermark / 1000,
      ),
      gauge(
        'sluice_falling_behind',
        '1 where batches are done later and later after their time.',
        Number(isFallingBehind),
      ),
    ];
  }

  #batchFamilies(now: number): Family[] {
    const { newest, batches, windows } = this.#pipeline.view(now);
    const { from, to } = newest ?? {};
    const interval = from === undefined || to === undefined ? undefined : (to - from) / 1000;
    return [
      counter('sluice_batches_total', 'Batches that are with the sink.', batches),
      counter('sluice_windows_total', 'Windows that are with the sink.', windows),
      gauge('sluice_batch_number', 'The number of the newest batch that is with the sink.', newest?.batch),
      gauge('sluice_batch_records', 'Records of that batch.', newest?.records),
      gauge('sluice_batch_interval_seconds', 'The interval at which batches are due.', interval),
      histogram(
        'sluice_batch_processing_seconds',
        'How long batches took, one after another.',
        this.#processing,
      ),
      histogram(
        'sluice_batch_scheduling_delay_seconds',
        'How long batches that were due waited for the one before.',
        this.#schedulingDelay,
      ),
      histogram(
        'sluice_batch_total_delay_seconds',
        'From when batches were due until they were with the sink.',
        this.#totalDelay,
      ),
    ];
  }

  #stages(now: number): Family[] {
    const { stages, newest } = this.#pipeline.view(now);
    const each = (
      name: string,
      help: string,
      value: (report: StageReport) => number | undefined,
    ): Family => ({
      name,
      type: 'counter',
      help,
      samples: stages.flatMap((report, position) => {
        const known = value(report);
        return known === undefined ? [] : [{ labels: labelsOf(report, position), value: known }];
      }),
    });
    return [
      each('sluice_stage_records_in_total', 'Records and rows that a stage took.', (report) => report.in),
      each(
        'sluice_stage_records_out_total',
        'Records and rows that a stage handed on.',
        (report) => report.out,
      ),
      each(
        'sluice_stage_output_bytes_total',
        'Bytes of records that a stage handed on.',
        ({ bytes }) => bytes,
      ),
      each('sluice_stage_busy_seconds_total', "Time that a stage's own code took.", ({ ms }) => ms / 1000),
      each('sluice_stage_tasks_total', 'Tasks that worker threads did.', ({ tasks }) => tasks),
      each('sluice_stage_task_seconds_total', 'Time that those took.', ({ taskMs }) => inSeconds(taskMs)),
      {
        name: 'sluice_stage_skew_ratio',
        type: 'gauge',
        help: 'The fullest partition, or else the slowest task, of the newest batch as a multiple of an even share.',
        samples: (newest?.stages ?? []).flatMap((report, position) => {
          const skew = skewOf(report);
          return skew === undefined ? [] : [{ labels: labelsOf(report, position), value: skew }];
        }),
      },
      {
        name: 'sluice_stage_anomalies_total',
        type: 'counter',
        help: 'Records that were rejected, late, ahead, outside of windows, duplicates, cut off or damaged.',
        samples: stages.flatMap((report, position) =>
          countersOf(report).map(([kind, value]) => ({
            labels: { ...labelsOf(report, position), kind },
            value,
          })),
        ),
      },
    ];
  }
}

function inSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** A pipeline may have one kind of stage twice. */
function labelsOf({ stage }: StageReport, position: number): Record<string, string | number> {
  return { stage, position };
}

function gauge(name: string, help: string, value: number | undefined, labels = {}): Family {
  return { name, type: 'gauge', help, samples: value === undefined ? [] : [{ labels, value }] };
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [{ value }] };
}

function histogram(name: string, help: string, values: Histogram): Family {
  return { name, type: 'histogram', help, samples: values.samples() };
}
