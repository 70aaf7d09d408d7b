// Tables as text into a pipe or a file.
import type { StageReport } from '../envelope/envelope.ts';
import type { ByteOutput } from '../stage/output.ts';
import type { TableWriter } from './emit.ts';
import type { RowFormat, TableHead } from './formats/format.ts';
import type { Rows } from './rows.ts';
import type { Status } from './terminal/status.ts';

export class TextWriter implements TableWriter {
  readonly #output: ByteOutput;
  readonly #format: RowFormat;
  readonly #status: Status | undefined;
  readonly #makeSafe: ((text: string) => string) | undefined;

  /** `status` is where standard error is a terminal; `makeSafe` is where standard output is one. */
  constructor(
    output: ByteOutput,
    format: RowFormat,
    status: Status | undefined,
    makeSafe: ((text: string) => string) | undefined,
  ) {
    this.#makeSafe = makeSafe;
    this.#output = output;
    this.#format = format;
    this.#status = status;
  }

  async write(rows: Rows, head: TableHead, isFirst: boolean): Promise<void> {
    const laidOut = this.#makeSafe ? undefined : this.#format.layOut?.(rows, head);
    if (laidOut) await this.#output.write([laidOut.bytes]);
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
    if (text !== '') await this.#output.write([this.#makeSafe?.(text) ?? text]);
  }

  report(stages: readonly StageReport[], { batch }: { batch: number | undefined }): void {
    this.#status?.update(stages, batch);
  }

  async close(): Promise<void> {
    this.#status?.close();
    await this.#output.flush();
  }
}
