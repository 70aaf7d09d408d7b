// Tables as text into a pipe or a file.
import type { StageReport } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { ReportHead } from '../monitor/pipeline.ts';
import type { Resumption } from '../stage/committing.ts';
import type { ByteOutput } from '../stage/output.ts';
import type { TableWriter } from './emit.ts';
import type { RowFormat, TableHead } from './formats/format.ts';
import type { Rows } from './rows.ts';
import type { Status } from './terminal/status.ts';

export type TextTarget = {
  readonly output: ByteOutput;
  /** Everything has left the process, for good where the stream ended well. */
  readonly finish: (end: 'ok' | 'failed') => Promise<void>;
  /** Of a job that keeps state: what is written to instead of this; undefined where that is this. */
  readonly resume?: (from: Resumption) => Promise<TextTarget | undefined>;
  /** Where true, rows of an earlier run are in front. */
  readonly goesOn?: boolean;
  /** All that was written is there for good. Resolves to what `resume` needs. */
  readonly commit?: () => Promise<{ readonly [name: string]: Json }>;
};

export class TextWriter implements TableWriter {
  #target: TextTarget;
  readonly #format: RowFormat;
  readonly #status: Status | undefined;
  readonly #makeSafe: ((text: string) => string) | undefined;

  /** `status` is where standard error is a terminal; `makeSafe` is where standard output is one. */
  constructor(
    target: TextTarget,
    format: RowFormat,
    status: Status | undefined,
    makeSafe: ((text: string) => string) | undefined,
  ) {
    this.#makeSafe = makeSafe;
    this.#target = target;
    this.#format = format;
    this.#status = status;
  }

  async write(rows: Rows, head: TableHead, isFirst: boolean): Promise<void> {
    const laidOut = this.#makeSafe ? undefined : this.#format.layOut?.(rows, head);
    if (laidOut) await this.#target.output.write([laidOut.bytes]);
    const rest = laidOut ? laidOut.rest : rows;
    let opens = isFirst && !laidOut;
    for (const texts of rest.texts()) {
      await this.#writeTexts(texts, head, opens);
      opens = false;
    }
    // A table without rows may have a heading all the same.
    if (opens) await this.#writeTexts([], head, true);
  }

  async #writeTexts(texts: readonly string[], head: TableHead, opens: boolean): Promise<void> {
    const text = await this.#format.write(texts, head, opens);
    if (text !== '') await this.#target.output.write([this.#makeSafe?.(text) ?? text]);
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#status?.update(stages, head);
  }

  async resume(from: Resumption): Promise<number | undefined> {
    this.#target = (await this.#target.resume?.(from)) ?? this.#target;
    const { format } = (from.kept ?? {}) as { format?: Json };
    if (this.#target.goesOn && format !== undefined) this.#format.restore?.(format);
    return from.committed;
  }

  async commit(): Promise<Json> {
    const { commit, output } = this.#target;
    if (!commit) await output.flush();
    const kept = await commit?.();
    const format = this.#format.snapshot?.();
    return { ...kept, ...(format !== undefined && { format }) };
  }

  async close(end: 'ok' | 'failed'): Promise<void> {
    this.#status?.close();
    await this.#target.finish(end);
  }
}
