// The beginning of a pipeline fused into one step: whole files, one batch, words counted. Workers count ranges of the
// files, here their tables are put together.
import { formatVersion, endEnvelope, type Envelope } from '../envelope/envelope.ts';
import { messageOf, SluiceError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import { partsOf } from '../reduce/parts.ts';
import type { ReducePlan } from '../reduce/plan.ts';
import { WordTable } from '../reduce/word-table.ts';
import type { Core } from '../stage/core.ts';
import type { FileRange } from './ranges.ts';
import type { ScannedWords } from './scan-words.ts';

/** Results as they come; how the work was cut and who was first does not show in counts. */
export async function* scanRanges(
  ranges: readonly FileRange[],
  maxRecord: number,
  executor: Executor,
  stop: AbortSignal,
): AsyncGenerator<ScannedWords, Envelope, undefined> {
  const running = new Map<number, Promise<{ index: number; result: ScannedWords }>>();
  let next = 0;
  for (;;) {
    while (!stop.aborted && next < ranges.length && running.size < executor.width) {
      const index = next++;
      const range = ranges[index] as FileRange;
      running.set(
        index,
        scan(executor, range, maxRecord).then((result) => ({ index, result })),
      );
    }
    if (running.size === 0) return endEnvelope('ok');
    const { index, result } = await Promise.race(running.values());
    running.delete(index);
    yield result;
  }
}

async function scan(executor: Executor, range: FileRange, maxRecord: number): Promise<ScannedWords> {
  try {
    return await executor.run('scanWords', { range, maxRecord });
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError('inputOutput', `cannot read ${range.path}: ${messageOf(error)}`, undefined, error);
  }
}

export class ScanCore implements Core<ScannedWords> {
  readonly #plan: ReducePlan;
  readonly #partSize: number;
  readonly #total: number;
  readonly #table: WordTable;
  #done = 0;
  /** Lines cut off because they were longer than --max-record. */
  cut = 0;

  constructor(plan: ReducePlan, partSize: number, total: number) {
    this.#plan = plan;
    this.#partSize = partSize;
    this.#total = total;
    this.#table = new WordTable(plan);
  }

  accept({ table, bytes, cut }: ScannedWords): Iterable<Envelope> {
    this.#table.absorb(table);
    this.#done += bytes;
    this.cut += cut;
    return [];
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield* partsOf([{ table: this.#table }], { batch: 0 }, this.#plan.reduced, this.#partSize);
    yield { header: { v: formatVersion, ...ending.header }, payload: ending.payload };
  }

  counters(): Record<string, number> {
    return { done: this.#done, total: this.#total };
  }
}
