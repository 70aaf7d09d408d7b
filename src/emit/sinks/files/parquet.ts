// Rows as Parquet: columns of types that the first rows settle, in row groups.
import {
  ByteWriter,
  ParquetWriter,
  schemaFromColumnData,
  type BasicType,
  type ColumnSource,
} from 'hyparquet-writer';
import { stringifyJson, type Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import { parseRow } from '../../formats/cells.ts';
import { windowEdges, type TableHead } from '../../formats/format.ts';
import { arrange, columnsFor, whole, type Column, type Dialect } from '../../columns.ts';
import type { Content } from './content.ts';

const mostInteger = 2n ** 63n - 1n;
const numeric = new Set(['INT64', 'DOUBLE']);

const parquetDialect: Dialect = {
  name: 'Parquet',
  typeOf: (value) => {
    if (value === null) return '';
    if (typeof value === 'boolean') return 'BOOLEAN';
    if (typeof value === 'bigint') return isStorable(value) ? 'INT64' : 'STRING';
    if (typeof value === 'number') return Number.isSafeInteger(value) ? whole : 'DOUBLE';
    return typeof value === 'string' ? 'STRING' : 'JSON';
  },
  common: (one, other) => {
    if (one === other) return one;
    // Integers of more than 53 bits among others are ids sooner than measures.
    if (one === whole && numeric.has(other)) return other;
    if (other === whole && numeric.has(one)) return one;
    return 'STRING';
  },
  unknown: 'STRING',
  time: 'TIMESTAMP',
  // Holds each whole number up to 2^53 exactly.
  number: 'DOUBLE',
  count: 'INT64',
  folded: (name) => name,
  misnomer: () => undefined,
};

function isStorable(value: bigint): boolean {
  return value <= mostInteger && value >= -mostInteger - 1n;
}

export class ParquetContent implements Content {
  readonly #bytes = new ByteWriter();
  #columns: readonly Column[] = [];
  #writer: ParquetWriter | undefined;
  /** One row behind the other. */
  #values: Json[] = [];
  held = 0;
  readonly certain = 0;

  async add(rows: readonly string[], head: TableHead): Promise<void> {
    const window = head.isWindow && head.interval ? windowEdges(head.interval) : [];
    const parsed = parseRow(`[${rows.join(',')}]`) as Json[];
    if (parsed.length === 0) return;
    if (!this.#writer) this.#begin(columnsFor(parquetDialect, window, parsed));
    const stranger = arrange(this.#columns, parquetDialect.folded, window, parsed, this.#values);
    if (stranger !== undefined)
      throw new SluiceError(
        'badData',
        `column '${stranger}' is not among those of the first rows, which a Parquet file keeps`,
        'rows of different columns can be written with --format ndjson',
      );
    for (const row of rows) this.held += row.length;
  }

  #begin(columns: readonly Column[]): void {
    this.#columns = columns;
    const columnData = columns.map(({ name, type }) => ({ name, type: type as BasicType, data: [] }));
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaFromColumnData({ columnData }),
      createdBy: 'sluice',
    });
  }

  async take(): Promise<Buffer> {
    if (this.#values.length > 0) {
      const width = this.#columns.length;
      const columnData = this.#columns.map((column, place): ColumnSource => {
        const data: unknown[] = [];
        for (let at = place; at < this.#values.length; at += width)
          data.push(cell(column, this.#values[at] as Json));
        return { name: column.name, type: column.type as BasicType, data };
      });
      await this.#writer?.write({ columnData, rowGroupSize: this.#values.length / width });
    }
    this.#values = [];
    this.held = 0;
    return this.#taken();
  }

  end(): Buffer {
    // To memory, so that there is nothing to wait for.
    void this.#writer?.finish();
    return this.#taken();
  }

  #taken(): Buffer {
    const bytes = Buffer.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return Buffer.from(bytes);
  }
}

/** Throws SluiceError('badData') where the column cannot hold it. */
function cell({ name, type }: Column, value: Json): unknown {
  if (value === null) return undefined;
  if (type === 'STRING') return typeof value === 'string' ? value : stringifyJson(value);
  if (type === 'JSON' && typeof value !== 'bigint') return value;
  if (type === 'TIMESTAMP' && typeof value === 'string') return new Date(value);
  if (type === 'BOOLEAN' && typeof value === 'boolean') return value;
  if (type === 'DOUBLE' && typeof value === 'number') return value;
  if (type === 'INT64' && typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (type === 'INT64' && typeof value === 'bigint' && isStorable(value)) return value;
  throw new SluiceError(
    'badData',
    `column '${name}' is of type ${type}, which cannot hold ${stringifyJson(value).slice(0, 80)}`,
    'the first rows settle the types of a Parquet file',
  );
}
