// Rows → events of Flume. Rows of a batch, or a window, are with the agent once it is complete; in a job that keeps state they are at
// the latest when it commits.
import type { StageReport } from '../../../envelope/envelope.ts';
import type { ReportHead } from '../../../monitor/pipeline.ts';
import type { Json } from '../../../envelope/json.ts';
import { AvroWriter } from '../../../flume/avro.ts';
import type { TableWriter } from '../../emit.ts';
import type { TableHead } from '../../formats/format.ts';
import { ndjsonRows, plainRow } from '../../formats/ndjson.ts';
import type { Rows } from '../../rows.ts';
import type { Status } from '../../terminal/status.ts';
import type { FlumeSender } from './sender.ts';

/** As an Avro sink has it: a memory channel takes no more at once, unless it is told to. */
const eventsACall = 100;
/** Of large rows there are fewer. */
const bytesACall = 1024 * 1024;

export class FlumeWriter implements TableWriter {
  readonly #sender: FlumeSender;
  readonly #status: Status | undefined;
  #events = new AvroWriter();
  #count = 0;
  #hasState = false;

  constructor(sender: FlumeSender, status: Status | undefined) {
    this.#sender = sender;
    this.#status = status;
  }

  async write(rows: Rows, head: TableHead, _isFirst: boolean, isLast: boolean): Promise<void> {
    for (const texts of rows.texts())
      for (const row of ndjsonRows(texts, head)) {
        // No headers.
        this.#events.integer(0).blob(plainRow(row));
        this.#count += 1;
        if (this.#count >= eventsACall || this.#events.length >= bytesACall) await this.#flush();
      }
    if (isLast && !this.#hasState) await this.#flush();
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#status?.update(stages, head);
  }

  resume({ committed }: { readonly committed: number | undefined }): Promise<number | undefined> {
    this.#hasState = true;
    return Promise.resolve(committed);
  }

  async commit(): Promise<Json> {
    await this.#flush();
    return null;
  }

  async close(end: 'ok' | 'failed'): Promise<void> {
    this.#status?.close();
    try {
      if (end === 'ok') await this.#flush();
    } finally {
      this.#sender.close();
    }
  }

  async #flush(): Promise<void> {
    if (this.#count === 0) return;
    await this.#sender.send(this.#events.bytes, this.#count);
    this.#events = new AvroWriter();
    this.#count = 0;
  }
}
