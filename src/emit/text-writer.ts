// Tables as text into a pipe or a file.
import type { StageReport } from '../envelope/envelope.ts';
import type { ByteOutput } from '../stage/output.ts';
import type { TableWriter } from './emit.ts';
import type { RowFormat, TableHead } from './formats/format.ts';
import type { Status } from './terminal/status.ts';

export type TextTarget = {
  readonly output: ByteOutput;
  /** Everything has left the process, for good where the stream ended well. */
  readonly finish: (end: 'ok' | 'failed') => Promise<void>;
};

export class TextWriter implements TableWriter {
  readonly #target: TextTarget;
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

  async write(rows: readonly string[], head: TableHead, isFirst: boolean): Promise<void> {
    const text = await this.#format.write(rows, head, isFirst);
    if (text !== '') await this.#target.output.write([this.#makeSafe?.(text) ?? text]);
  }

  report(stages: readonly StageReport[], { batch }: { batch: number | undefined }): void {
    this.#status?.update(stages, batch);
  }

  async close(end: 'ok' | 'failed'): Promise<void> {
    this.#status?.close();
    await this.#target.finish(end);
  }
}
