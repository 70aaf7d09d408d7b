// The beginning of a pipeline fused into one step: whole files, one batch, one reduction. Workers take in ranges of the
// files, here their tables are put together. Where a record turns up that only the stages themselves can judge, such
// as text where a number is due, nothing has been written yet, and the stages read it all from the start.
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import { messageOf, SluiceError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import type { FieldTable } from '../reduce/field-table.ts';
import { partsOf } from '../reduce/parts.ts';
import type { WordTable } from '../reduce/word-table.ts';
import type { Core } from '../stage/core.ts';
import type { Reduction, SourceChunk, SourceStage } from '../stage/stage.ts';
import type { FileRange } from './ranges.ts';
import type { ScannedRange, ScanRange } from './scan-range.ts';

/** The stages that a scan stands for. */
type Ordinary = { readonly read: SourceStage['read']; readonly core: Core<SourceChunk> };

export type ScanSettings = {
  readonly ranges: readonly FileRange[];
  readonly maxRecord: number;
  readonly reduction: Reduction;
  readonly executor: Executor;
  readonly ordinary: Ordinary;
};

/** What a range gave, or, once a scan was given up, what the stages read. */
export type ScanInput = { readonly scanned: ScannedRange } | SourceChunk;

/** Results as they come: how the work was cut and who was first does not show in sums. */
export async function* scanRanges(
  { ranges, maxRecord, reduction, executor, ordinary }: ScanSettings,
  stop: AbortSignal,
): AsyncGenerator<ScanInput, Envelope, undefined> {
  const { fields } = reduction;
  const running = new Map<number, Promise<{ index: number; scanned: ScannedRange }>>();
  for (let next = 0; next < ranges.length || running.size > 0;) {
    if (stop.aborted) break;
    while (next < ranges.length && running.size < executor.width) {
      const index = next++;
      const task = { range: ranges[index] as FileRange, maxRecord, ...(fields && { fields }) };
      running.set(
        index,
        scan(executor, task).then((scanned) => ({ index, scanned })),
      );
    }
    const { index, scanned } = await Promise.race(running.values());
    running.delete(index);
    yield { scanned };
    if (!scanned.table) return yield* toEnvelope(ordinary.read(stop));
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
  readonly #table: WordTable | FieldTable;
  #done = 0;
  #isGivenUp = false;
  /** Lines cut off because they were longer than --max-record. */
  cut = 0;

  constructor(settings: ScanSettings, table: WordTable | FieldTable) {
    this.#settings = settings;
    this.#table = table;
  }

  accept(input: ScanInput, now: number): Iterable<Envelope> {
    if (!('scanned' in input)) return this.#settings.ordinary.core.accept(input, now);
    const { table, bytes, cut } = input.scanned;
    if (table) {
      this.#table.absorb(table);
      this.#done += bytes;
      this.cut += cut;
    } else {
      this.#isGivenUp = true;
      this.#table.free();
      this.cut = 0;
    }
    return [];
  }

  *end(ending: Envelope, now: number): Generator<Envelope> {
    const { ordinary, reduction } = this.#settings;
    if (this.#isGivenUp) return yield* ordinary.core.end(ending, now);
    if (ending.header.end === 'ok')
      yield* partsOf([{ rows: this.#table }], { batch: 0 }, reduction.plan.reduced, reduction.rows);
    yield ending;
  }

  deadline(): number | undefined {
    return this.#isGivenUp ? this.#settings.ordinary.core.deadline?.() : undefined;
  }

  tick(now: number): Iterable<Envelope> {
    return this.#settings.ordinary.core.tick?.(now) ?? [];
  }

  counters(): Record<string, number> {
    const total = this.#settings.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    return this.#isGivenUp ? {} : { done: this.#done, total };
  }
}
