// Rows → text. The end of a pipeline: what arrives is grouped into tables, selected, written in the wanted format.
import {
  isHeartbeat,
  type Envelope,
  type Header,
  type Position,
  type StageReport,
} from '../envelope/envelope.ts';
import { monotonicTime } from '../clock.ts';
import type { Json } from '../envelope/json.ts';
import type { ReportHead } from '../monitor/pipeline.ts';
import type { JobOutput, Resumption } from '../stage/committing.ts';
import { warn } from '../stage/stderr.ts';
import { emptyReport } from '../stage/reporting.ts';
import type { Clock } from '../stage/run-core.ts';
import type { Positions } from '../state/offsets-log.ts';
import type { TableHead } from './formats/format.ts';
import { Rows } from './rows.ts';
import { Selection, type SelectionSettings } from './selection.ts';
import { Tables } from './tables.ts';

/** Where the rows of a table go: text into a pipe or file, or a screen. */
export interface TableWriter {
  write(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): Promise<void> | void;
  /** What the stages did since the last time, emit too; of a batch that is whole, all its rows are written. */
  report(stages: readonly StageReport[], head: ReportHead): void;
  /** The stream has failed: what is not complete now never will be, though it is still written. */
  breakOff?(): void;
  /** The stream is over; called once. */
  close(end: 'ok' | 'failed'): Promise<void> | void;
  /**
   * Of a job that keeps state, before the first row: goes on where an earlier run left off. Resolves to the batch up to which
   * everything is there already; undefined where that is nothing.
   */
  resume?(from: Resumption): Promise<number | undefined>;
  /**
   * All rows so far are there for good, as those of the batches up to `batch`; `read` is up to where their records were read
   * since the last commit. Resolves to what `resume` needs.
   */
  commit?(batch: number, read: Positions): Promise<Json>;
}

/** Looks on: sees the tables that are written, and what is reported. */
export interface Observer {
  table(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): void;
  report(stages: readonly StageReport[], head: ReportHead): void;
  close(end: 'ok' | 'failed'): Promise<void> | void;
}

export class EmitOutput implements JobOutput {
  readonly #writer: TableWriter;
  readonly #observer: Observer | undefined;
  readonly #clock: Clock;
  readonly #tables = new Tables();
  readonly #selection: Selection | undefined;
  /** Batches up to this one are there already, from an earlier run. */
  #known = Number.NEGATIVE_INFINITY;
  /** Up to where the records of batches that are not committed were read from their sources. */
  #read: Record<string, Position> = {};
  #own = emptyReport('emit');
  #hasReports = false;
  #isClosed = false;
  #hasTold = false;

  constructor(
    writer: TableWriter,
    settings: SelectionSettings,
    observer?: Observer,
    clock: Clock = Date.now,
  ) {
    this.#writer = writer;
    this.#observer = observer;
    this.#clock = clock;
    const selects = settings.sort !== undefined || settings.top !== undefined;
    this.#selection = selects ? new Selection(settings) : undefined;
  }

  async write(envelope: Envelope): Promise<void> {
    const { header } = envelope;
    const started = monotonicTime();
    if (!isHeartbeat(header) && !this.#isKnown(header)) await this.#writeTables(envelope);
    this.#own.ms += monotonicTime() - started;
    this.#hasReports ||= header.stages !== undefined;
    // Of a stream that somebody made by hand, emit alone tells.
    const stages = header.stages ?? (header.last && !this.#hasReports ? [] : undefined);
    if (stages) this.#report(stages, header);
    if (header.end) await this.#close(header.end === 'failed' ? 'failed' : 'ok');
  }

  #isKnown({ batch }: Header): boolean {
    return batch !== undefined && batch <= this.#known;
  }

  async #writeTables(envelope: Envelope): Promise<void> {
    const { header } = envelope;
    this.#own.in += header.n;
    for (const [source, { until }] of Object.entries(header.offsets ?? {})) this.#read[source] = until;
    if (header.end === 'failed') this.#writer.breakOff?.();
    const parts = header.end ? this.#tables.end() : this.#tables.accept(envelope);
    for (const { head, rows, isFirst, isLast } of parts) {
      if (!this.#selection) {
        await this.#writePart(rows, head, isFirst, isLast);
        continue;
      }
      for (const texts of rows.texts()) this.#selection.add(texts);
      if (!isLast) continue;
      this.#tellOfUnknown(this.#selection.unknownColumn);
      await this.#writePart(Rows.of(this.#selection.take()), head, true, true);
    }
  }

  /** A typo would pass for an order, and with --top for the first rows. */
  #tellOfUnknown(column: string | undefined): void {
    if (column === undefined || this.#hasTold) return;
    this.#hasTold = true;
    warn('emit', `--sort ${column}: no row has such a column`, 'rows stay in the order of their keys');
  }

  async #writePart(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): Promise<void> {
    this.#own.out += rows.count;
    this.#own.bytes += rows.payload.length;
    await this.#writer.write(rows, head, isFirst, isLast);
    this.#observer?.table(rows, head, isFirst, isLast);
  }

  #report(stages: readonly StageReport[], header: Header): void {
    const all = [...stages, { ...this.#own, ms: Math.round(this.#own.ms * 1000) / 1000 }];
    const head = { ...header, batch: header.batch, at: this.#clock() };
    this.#own = emptyReport('emit');
    this.#writer.report(all, head);
    this.#observer?.report(all, head);
  }

  async resume(from: Resumption): Promise<void> {
    const known = this.#writer.resume ? await this.#writer.resume(from) : from.committed;
    this.#known = known ?? Number.NEGATIVE_INFINITY;
  }

  async commit(batch: number): Promise<Json> {
    const kept = (await this.#writer.commit?.(batch, this.#read)) ?? null;
    this.#read = {};
    return kept;
  }

  async abandon(): Promise<void> {
    // What broke off may be the output itself; that is reported already.
    if (!this.#isClosed) await this.#close('failed').catch(() => undefined);
  }

  async #close(end: 'ok' | 'failed'): Promise<void> {
    this.#isClosed = true;
    // Who looks on hears of the end also where that fails.
    await this.#observer?.close(end);
    await this.#writer.close(end);
  }
}
