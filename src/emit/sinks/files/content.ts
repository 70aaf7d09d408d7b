// Rows of one file, on their way into it: text, packed or not, or row groups of Parquet.
import type { Json } from '../../../envelope/json.ts';
import type { RowFormat, TableHead } from '../../formats/format.ts';
import type { Packing } from './packing.ts';

export interface Content {
  /** Bytes that are held, about. */
  readonly held: number;
  /** So many of them will stand in the file; 0 where that is not known yet. */
  readonly certain: number;
  /** `rows` are JSON texts. */
  add(rows: readonly string[], head: TableHead): Promise<void>;
  /** What is held, as bytes to be appended. */
  take(): Promise<Buffer>;
  /** What stands at the end of the file. */
  end(): Buffer;
}

export class TextContent implements Content {
  readonly #format: RowFormat;
  readonly #packing: Packing | undefined;
  #texts: string[] = [];
  held = 0;

  /** `before` is what the format said of the rows that are in the file already. */
  constructor(format: RowFormat, packing: Packing | undefined, before: Json | undefined) {
    this.#format = format;
    this.#packing = packing;
    if (before !== undefined) format.restore?.(before);
  }

  get certain(): number {
    return this.#packing ? 0 : this.held;
  }

  async add(rows: readonly string[], head: TableHead): Promise<void> {
    const text = await this.#format.write(rows, head, true);
    this.#texts.push(text);
    this.held += Buffer.byteLength(text);
  }

  async take(): Promise<Buffer> {
    const bytes = Buffer.from(this.#texts.join(''));
    this.#texts = [];
    this.held = 0;
    return this.#packing && bytes.length > 0 ? this.#packing.pack(bytes) : bytes;
  }

  end(): Buffer {
    return Buffer.alloc(0);
  }
}
