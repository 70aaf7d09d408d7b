// The beginning of a pipeline fused into one step: whole files, one batch, one reduction. Workers take in ranges of the
// files, here their tables are put together. Where a record turns up that only the stages themselves can judge, such
// as text where a number is due, nothing has been written yet, and the stages read it all from the start.
import { setImmediate } from 'node:timers/promises';
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import type { FormatOptions } from '../ingest/formats/registry.ts';
import { FieldTable } from '../reduce/field-table.ts';
import { partsOf } from '../reduce/parts.ts';
import type { ByteTable } from '../reduce/row-table.ts';
import { WordTable } from '../reduce/word-table.ts';
import { toBranch } from '../stage/branches.ts';
import type { Core, Step } from '../stage/core.ts';
import type { PlainFile, Reduction, SourceChunk, SourceStage } from '../stage/stage.ts';
import { PieceQueue, type FileRange } from './ranges.ts';
import { firstRejected, type RejectedLine } from './first-rejected.ts';
import { lineReader, type LineReader } from './reading.ts';
import { isWorthReading, keysOf, scanPiece, type Scanned, type ScannedPieces } from './scan-ranges.ts';

export type ScanSettings = {
  readonly files: readonly PlainFile[];
  readonly maxRecord: number;
  readonly format: FormatOptions;
  /** Takes lines that are no records; without it they are for the stages. */
  readonly skipped?: SkippedLines | undefined;
  /** One for each branch. */
  readonly reductions: readonly [Reduction, ...Reduction[]];
  readonly executor: Executor;
  /** Reads all of it as the stages do. */
  readonly read: SourceStage['read'];
};

/** Is told of lines that were left out, and of the first of them; called where there are some, once. */
export type SkippedLines = (count: number, first: RejectedLine) => void;

/** What some ranges gave, or, once a scan was given up, what the stages read. */
export type ScanInput = { readonly scanned: Scanned } | SourceChunk;

/** Less than this is not worth a task. */
const leastBytes = 4 * 1024 * 1024;
/** Who this thread is in the queue; tasks have the numbers behind it, a new one for each try. */
const self = 1;
/**
 * A key that is new costs as much to merge as some hundred bytes to read. Where there are more new keys than this for
 * each byte, as in a list of ids, this thread alone is faster, and holds each key once.
 */
const mostNewKeys = 0.01;

export class Scan implements Core<ScanInput> {
  readonly #settings: ScanSettings;
  readonly #ordinary: Core<SourceChunk>;
  readonly #tables: readonly ByteTable[];
  readonly #reader: LineReader;
  #rejected = 0;
  /** Of them, in reports. */
  #reported = 0;
  readonly #faulty: (readonly FileRange[])[] = [];
  readonly #queue: PieceQueue;
  readonly #total: number;
  /** Whose pieces are in the tables. */
  readonly #owners = new Set([self]);
  #newestOwner = self;
  /** For each byte of this thread's newest share. */
  #newKeys = Number.POSITIVE_INFINITY;
  #isGivenUp = false;
  /** Lines cut off because they were longer than --max-record. */
  cut = 0;

  /** `ordinary` are the stages that the scan stands for; what comes out of them has the number of its branch too. */
  constructor(settings: ScanSettings, ordinary: Core<SourceChunk>) {
    this.#settings = settings;
    this.#ordinary = ordinary;
    this.#tables = settings.reductions.map(({ plan, fields }) =>
      fields ? new FieldTable(plan, fields) : new WordTable(plan),
    );
    this.#reader = lineReader(this.#tables, settings.format, settings.skipped !== undefined);
    this.#queue = new PieceQueue(settings.files);
    this.#total = this.#queue.left;
  }

  /** This thread takes pieces as the workers do; which of them read what does not show in sums. */
  async *read(stop: AbortSignal): AsyncGenerator<ScanInput, Envelope, undefined> {
    const { executor } = this.#settings;
    const queue = this.#queue;
    const running = new Set<Promise<void>>();
    const results: (() => Scanned)[] = [];
    for (;;) {
      queue.isOpen = !stop.aborted && this.#newKeys <= mostNewKeys;
      while (running.size < executor.workers && queue.isOpen && this.#isWorthTask()) {
        const task = this.#runTask()
          .then(
            (result) => results.push(() => this.#takeIn(result)),
            (error: unknown) => results.push(() => this.#giveUp(error)),
          )
          .then(() => void running.delete(task));
        running.add(task);
      }
      const take = results.shift();
      const scanned = take ? take() : stop.aborted ? undefined : this.#readPiece(running.size === 0);
      if (scanned) {
        yield { scanned };
        if (!scanned.isPlain) {
          queue.isOpen = false;
          return yield* toEnvelope(this.#settings.read(stop));
        }
        // Workers are heard, and signals, only between two turns of the event loop.
        await setImmediate();
      } else if (running.size > 0) await Promise.race(running);
      else return endEnvelope('ok');
    }
  }

  accept(input: ScanInput, now: number): Iterable<Step> {
    if (!('scanned' in input)) return this.#ordinary.accept(input, now);
    const { cut, isPlain, rejected, faulty } = input.scanned;
    if (isPlain) {
      this.cut += cut;
      this.#rejected += rejected;
      this.#faulty.push(...faulty);
    } else {
      this.#isGivenUp = true;
      for (const table of this.#tables) table.free();
      this.cut = 0;
    }
    return [];
  }

  *end(ending: Envelope, now: number): Generator<Step> {
    if (this.#isGivenUp) return yield* this.#ordinary.end(ending, now);
    this.#tellOfRejected();
    for (const [branch, { plan, rows }] of this.#settings.reductions.entries()) {
      const table = this.#tables[branch];
      if (table && ending.header.end === 'ok')
        yield* toBranch(branch, partsOf([{ rows: table }], { batch: 0 }, plan.reduced, rows));
      yield* toBranch(branch, [ending]);
    }
  }

  deadline(): number | undefined {
    return this.#isGivenUp ? this.#ordinary.deadline?.() : undefined;
  }

  tick(now: number): Iterable<Step> {
    return this.#ordinary.tick?.(now) ?? [];
  }

  counters(): Record<string, number> {
    if (this.#isGivenUp) return {};
    const rejected = this.#rejected - this.#reported;
    this.#reported = this.#rejected;
    const { left } = this.#queue;
    const times = this.#settings.executor.takeTimes();
    return { done: this.#total - left, total: this.#total, ...(rejected > 0 && { rejected }), ...times };
  }

  #tellOfRejected(): void {
    const { files, format, maxRecord, skipped } = this.#settings;
    if (this.#rejected === 0) return;
    const first = firstRejected(this.#faulty, files, format, maxRecord);
    if (first) skipped?.(this.#rejected, first);
  }

  #isWorthTask(): boolean {
    const { left } = this.#queue;
    return left > leastBytes && isWorthReading(left, keysOf(this.#tables));
  }

  /** `isAlone`: no task is under way, so that pieces which are not in the tables are those of tasks that were lost. */
  #readPiece(isAlone: boolean): Scanned | undefined {
    const ranges = this.#queue.take(self) ?? (isAlone ? this.#queue.retake(this.#owners, self) : undefined);
    return ranges && this.#readRanges(ranges);
  }

  #readRanges(ranges: readonly FileRange[]): Scanned {
    const known = keysOf(this.#tables);
    const scanned = scanPiece(ranges, this.#settings.maxRecord, this.#reader);
    this.#newKeys = (keysOf(this.#tables) - known) / scanned.bytes;
    return scanned;
  }

  #takeIn(result: ScannedPieces): Scanned {
    if ('failure' in result) throw new SluiceError('inputOutput', result.failure);
    this.#owners.add(result.owner);
    for (const [index, table] of result.exported.entries()) this.#tables[index]?.absorb(table);
    return result;
  }

  /** The error policy where a task failed for good: the first error stops it all, or the stages read it themselves. */
  #giveUp(error: unknown): Scanned {
    if (this.#settings.reductions.every(({ stops }) => stops)) throw error;
    return { bytes: 0, cut: 0, isPlain: false, rejected: 0, faulty: [] };
  }

  #runTask(): Promise<ScannedPieces> {
    const { executor, maxRecord, files, format, skipped, reductions } = this.#settings;
    const skips = skipped !== undefined;
    const wanted = reductions.map(({ fields }) => (fields ? { fields } : {}));
    // A task that goes on for longer would be taken for one that hangs.
    const time = reductions[0].executor.taskTimeout / 4;
    const input = {
      files,
      shared: this.#queue.shared,
      owner: 0,
      time,
      maxRecord,
      format,
      skips,
      reductions: wanted,
    };
    return executor.run('scanPieces', input, (shared) => ({
      content: { ...shared, owner: (this.#newestOwner += 1) },
      transfer: [],
    }));
  }
}

async function* toEnvelope(
  input: AsyncIterator<SourceChunk, Envelope>,
): AsyncGenerator<SourceChunk, Envelope, undefined> {
  for (;;) {
    const result = await input.next();
    if (result.done) return result.value;
    yield result.value;
  }
}
