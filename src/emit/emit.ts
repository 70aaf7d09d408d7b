// Rows → text. The end of a pipeline: what arrives is grouped into tables, selected, written in the wanted format.
import { isHeartbeat, type Envelope, type StageReport } from '../envelope/envelope.ts';
import type { Output } from '../stage/output.ts';
import type { TableHead } from './formats/format.ts';
import { Rows } from './rows.ts';
import { Selection, type SelectionSettings } from './selection.ts';
import { Tables } from './tables.ts';

/** Where the rows of a table go: text into a pipe or file, or a screen. */
export interface TableWriter {
  write(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): Promise<void> | void;
  /** The reports of one batch, one a stage. */
  report(stages: readonly StageReport[], head: { batch: number | undefined }): void;
  /** The stream is over. */
  close(): Promise<void> | void;
}

export class EmitOutput implements Output {
  readonly #writer: TableWriter;
  readonly #tables = new Tables();
  readonly #selection: Selection | undefined;

  constructor(writer: TableWriter, settings: SelectionSettings) {
    this.#writer = writer;
    const selects = settings.sort !== undefined || settings.top !== undefined;
    this.#selection = selects ? new Selection(settings) : undefined;
  }

  async write(envelope: Envelope): Promise<void> {
    const { header } = envelope;
    if (header.stages) this.#writer.report(header.stages, { batch: header.batch });
    if (isHeartbeat(header)) return;
    const parts = header.end ? this.#tables.end(envelope) : this.#tables.accept(envelope);
    for (const { head, rows, isFirst, isLast } of parts) {
      if (!this.#selection) {
        await this.#writer.write(rows, head, isFirst, isLast);
        continue;
      }
      for (const texts of rows.texts()) this.#selection.add(texts);
      if (isLast) await this.#writer.write(Rows.of(this.#selection.take()), head, true, true);
    }
    if (header.end) await this.#writer.close();
  }
}
