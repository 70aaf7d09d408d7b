// `--progress-json FILE`: a line for each batch, with the fields of Spark's StreamingQueryProgress, so that what reads those
// can read it. `schedulingDelayMs` and `stages` are ours.
import { randomUUID } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { cannotCreate, messageOf } from '../errors.ts';
import type { Offsets, StageReport } from '../envelope/envelope.ts';
import { warn } from '../stage/stderr.ts';
import { countersOf } from '../stage/reporting.ts';
import type { Outlet } from './monitor.ts';
import type { BatchView, ReportHead } from './pipeline.ts';

/** Bytes that a slow disk or reader may be behind; further batches are left out, and that is said. */
const mostBytes = 1024 * 1024;

export type Names = { readonly id: string; readonly runId: string; readonly sink: string };

/** Spark's names; rates have one decimal, as there, and what is not known is left out. */
export function sparkProgress(batch: BatchView, before: BatchView | undefined, names: Names): object {
  const { from, to, records, processing, stages, watermark, inputRate } = batch;
  const processed = rate(processing > 0 && records !== undefined ? (1000 * records) / processing : undefined);
  const rates = {
    ...(inputRate !== undefined && { inputRowsPerSecond: rate(inputRate) }),
    ...(processed !== undefined && { processedRowsPerSecond: processed }),
  };
  const late = stages.flatMap((report) => {
    const count = report['late'];
    return typeof count === 'number'
      ? [{ operatorName: report.stage, numRowsDroppedByWatermark: count }]
      : [];
  });
  return {
    id: names.id,
    runId: names.runId,
    name: null,
    timestamp: new Date(to ?? batch.at).toISOString(),
    batchId: batch.batch,
    ...(from !== undefined && to !== undefined && { batchDuration: to - from }),
    numInputRows: records,
    ...rates,
    durationMs: { triggerExecution: Math.round(processing) },
    ...(batch.schedulingDelay !== undefined && { schedulingDelayMs: batch.schedulingDelay }),
    eventTime: watermark === undefined ? {} : { watermark: new Date(watermark).toISOString() },
    stateOperators: late,
    sources: sourcesOf(batch, before, rates),
    sink: { description: names.sink, numOutputRows: batch.rows },
    stages: stages.map(knownOf),
  };
}

/** Without what is no count of this batch. */
function knownOf({ stage, in: taken, out, bytes, ms, ...rest }: StageReport): object {
  const counters = countersOf({ stage, in: 0, out: 0, bytes: 0, ms: 0, ...rest });
  return { stage, in: taken, out, bytes, ms, ...Object.fromEntries(counters) };
}

function sourcesOf(batch: BatchView, before: BatchView | undefined, rates: object): object[] {
  const offsets: Offsets = batch.offsets ?? {};
  const names = Object.keys(offsets);
  const [only] = names;
  // Which records are of which source is not told; of a single one it is plain.
  const counts = names.length > 1 ? {} : { numInputRows: batch.records, ...rates };
  if (only === undefined) {
    const [startOffset, endOffset] = [before?.stages[0]?.done ?? 0, batch.stages[0]?.done];
    const description = batch.stages[0]?.stage ?? '';
    return [{ description, ...(endOffset !== undefined && { startOffset, endOffset }), ...counts }];
  }
  return names.map((description) => {
    const { from: startOffset, until: endOffset } = offsets[description] ?? {};
    return Object.assign({ description, startOffset, endOffset }, counts);
  });
}

function rate(perSecond: number | undefined): number | undefined {
  return perSecond === undefined ? undefined : Math.round(10 * perSecond) / 10;
}

export class ProgressFile implements Outlet {
  readonly #stream: WriteStream;
  readonly #path: string;
  #names: Names;
  #before: BatchView | undefined;
  #isBroken = false;
  #leftOut = 0;

  /** What is there is added to. Throws SluiceError('cannotCreate'). */
  static async open(path: string, sink: string): Promise<ProgressFile> {
    try {
      const handle = await open(path, 'a');
      return new ProgressFile(path, createWriteStream(path, { fd: handle }), sink);
    } catch (error) {
      throw cannotCreate(path, error);
    }
  }

  private constructor(path: string, stream: WriteStream, sink: string) {
    this.#path = path;
    this.#stream = stream;
    this.#names = { id: randomUUID(), runId: randomUUID(), sink };
    // The rows matter more than what is told of them.
    stream.on('error', (error) => {
      if (!this.#isBroken)
        warn('emit', `cannot write to ${path}: ${messageOf(error)}; progress is not written any more`);
      this.#isBroken = true;
    });
  }

  report(batch: BatchView | undefined, { job }: ReportHead): void {
    // The same for every run of a job, as Spark's is.
    if (job) this.#names = { ...this.#names, id: job.state, runId: job.run };
    if (!batch || this.#isBroken) return;
    const line = `${JSON.stringify(sparkProgress(batch, this.#before, this.#names))}\n`;
    this.#before = batch;
    if (this.#stream.writableLength > mostBytes) this.#leftOut += 1;
    else this.#stream.write(line);
  }

  async close(): Promise<void> {
    if (this.#leftOut > 0) warn('emit', `${this.#path} was too slow: ${this.#leftOut} batches are not in it`);
    if (this.#isBroken) return;
    this.#stream.end();
    await once(this.#stream, 'close').catch(() => undefined);
  }
}
