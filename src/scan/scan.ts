// The beginning of pipelines fused into one step: whole files, one batch, and a reduction for each branch. Workers take in
// ranges of the files, here their tables are put together. Where a record turns up that only the stages themselves can judge, such
// as text where a number is due, nothing has been written yet, and the stages read it all from the start.
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import { messageOf, SluiceError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import { FieldTable } from '../reduce/field-table.ts';
import { partsOf } from '../reduce/parts.ts';
import { WordTable } from '../reduce/word-table.ts';
import { toBranch } from '../stage/branches.ts';
import type { Core } from '../stage/core.ts';
import type { Reduction, SourceChunk, SourceStage } from '../stage/stage.ts';
import type { FileRange } from './ranges.ts';
import type { ScannedRange, ScanRange } from './scan-range.ts';

export type ScanSettings = {
  readonly ranges: readonly FileRange[];
  readonly maxRecord: number;
  /** One for each branch. */
  readonly reductions: readonly Reduction[];
  readonly executor: Executor;
  /** Reads all of it as the stages do. */
  readonly read: SourceStage['read'];
};

/** What a range gave, or, once a scan was given up, what the stages read. */
export type ScanInput = { readonly scanned: ScannedRange } | SourceChunk;

/** Results as they come: how the work was cut and who was first does not show in sums. */
export async function* scanRanges(
  { ranges, maxRecord, reductions, executor, read }: ScanSettings,
  stop: AbortSignal,
): AsyncGenerator<ScanInput, Envelope, undefined> {
  const wanted = reductions.map(({ fields }) => (fields ? { fields } : {}));
  const running = new Map<number, Promise<{ index: number; scanned: ScannedRange }>>();
  for (let next = 0; next < ranges.length || running.size > 0;) {
    if (stop.aborted) break;
    while (next < ranges.length && running.size < executor.width) {
      const index = next++;
      const task = { range: ranges[index] as FileRange, maxRecord, reductions: wanted };
      running.set(
        index,
        scan(executor, task).then((scanned) => ({ index, scanned })),
      );
    }
    const { index, scanned } = await Promise.race(running.values());
    running.delete(index);
    yield { scanned };
    if (!scanned.tables) return yield* toEnvelope(read(stop));
  }
  return endEnvelope('ok');
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

async function scan(executor: Executor, task: ScanRange): Promise<ScannedRange> {
  try {
    return await executor.run('scanRange', task);
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError(
      'inputOutput',
      `cannot read ${task.range.path}: ${messageOf(error)}`,
      undefined,
      error,
    );
  }
}

export class ScanCore implements Core<ScanInput> {
  readonly #settings: ScanSettings;
  readonly #ordinary: Core<SourceChunk>;
  readonly #tables: readonly (WordTable | FieldTable)[];
  #done = 0;
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
  }

  accept(input: ScanInput, now: number): Iterable<Envelope> {
    if (!('scanned' in input)) return this.#ordinary.accept(input, now);
    const { tables, bytes, cut } = input.scanned;
    if (tables) {
      for (const [index, table] of tables.entries()) this.#tables[index]?.absorb(table);
      this.#done += bytes;
      this.cut += cut;
    } else {
      this.#isGivenUp = true;
      for (const table of this.#tables) table.free();
      this.cut = 0;
    }
    return [];
  }

  *end(ending: Envelope, now: number): Generator<Envelope> {
    if (this.#isGivenUp) return yield* this.#ordinary.end(ending, now);
    for (const [branch, { plan, partSize }] of this.#settings.reductions.entries()) {
      const table = this.#tables[branch];
      if (table && ending.header.end === 'ok')
        yield* toBranch(branch, partsOf([{ table }], { batch: 0 }, plan.reduced, partSize));
      yield* toBranch(branch, [ending]);
    }
  }

  deadline(): number | undefined {
    return this.#isGivenUp ? this.#ordinary.deadline?.() : undefined;
  }

  tick(now: number): Iterable<Envelope> {
    return this.#ordinary.tick?.(now) ?? [];
  }

  counters(): Record<string, number> {
    const total = this.#settings.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    return this.#isGivenUp ? {} : { done: this.#done, total };
  }
}
