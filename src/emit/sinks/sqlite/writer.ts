// Rows → a table of a database. Without state the rows of each batch, or window, are there together or not at all; in a job
// that keeps state they are committed with the number of the batch, so that each batch is in the table once.
import type { StageReport } from '../../../envelope/envelope.ts';
import type { Json } from '../../../envelope/json.ts';
import type { ReportHead } from '../../../monitor/pipeline.ts';
import { SluiceError } from '../../../errors.ts';
import type { Resumption } from '../../../stage/committing.ts';
import { warn } from '../../../stage/stderr.ts';
import { faultPoint } from '../../../state/fault-points.ts';
import type { TableWriter } from '../../emit.ts';
import { membersOf } from '../../formats/cells.ts';
import { windowEdges, type TableHead } from '../../formats/format.ts';
import type { Rows } from '../../rows.ts';
import type { Status } from '../../terminal/status.ts';
import { bound, columnsFor, folded, type Bound, type Column } from './columns.ts';
import { quoted, type Database } from './database.ts';

/** Which batches of which jobs are in which tables. */
export const batchesTable = '_sluice';

type Member = readonly [string, Json];

type Known = {
  readonly columns: readonly Column[];
  readonly places: ReadonlyMap<string, number>;
  readonly inserting: ReturnType<Database['inserting']>;
};

export class SqliteWriter implements TableWriter {
  readonly #database: Database;
  /** For messages. */
  readonly #path: string;
  readonly #table: string;
  readonly #status: Status | undefined;
  #known: Known | undefined;
  #isBroken = false;
  /** Of a job that keeps state. */
  #job: string | undefined;
  #batch: number | undefined;

  constructor(database: Database, path: string, table: string, status: Status | undefined) {
    this.#database = database;
    this.#path = path;
    this.#table = table;
    this.#status = status;
  }

  write(rows: Rows, head: TableHead, _isFirst: boolean, isLast: boolean): void {
    const window: readonly Member[] = head.isWindow && head.interval ? windowEdges(head.interval) : [];
    for (const texts of rows.texts()) {
      const members = membersOf(texts);
      if (window.length > 0) for (const row of members) row.unshift(...window);
      this.#database.begin();
      this.#known ??= this.#know(members);
      const { columns, inserting } = this.#known;
      const values: Bound[] = [];
      for (const row of members) this.#addValues(row, values);
      this.#database.insert(inserting, values, columns.length);
    }
    if (isLast && this.#job === undefined && !this.#isBroken) this.#database.commit();
  }

  /** The table as it is, or made for rows like these. */
  #know(rows: readonly (readonly Member[])[]): Known {
    const columns = this.#database.columnsOf(this.#table) ?? this.#createTable(columnsFor(rows));
    const places = new Map(columns.map(({ name }, index) => [folded(name), index]));
    return { columns, places, inserting: this.#database.inserting(this.#table, columns) };
  }

  #createTable(columns: Column[]): Column[] {
    if (columns.length === 0)
      throw new SluiceError('badData', 'a table cannot be made of rows without columns');
    const declared = columns.map(({ name, type }) => `${quoted(name)} ${type}`.trimEnd()).join(', ');
    this.#database.run(`CREATE TABLE ${quoted(this.#table)} (${declared})`);
    return columns;
  }

  /** In the order of the columns, which most rows have anyway. */
  #addValues(row: readonly Member[], values: Bound[]): void {
    const { columns, places } = this.#known as Known;
    const start = values.length;
    for (const [index, [name, value]] of row.entries()) {
      const column = columns[index];
      if (column?.name !== name) break;
      values.push(bound(column, value));
    }
    const inOrder = values.length - start;
    for (let more = inOrder; more < columns.length; more += 1) values.push(null);
    for (const [name, value] of row.slice(inOrder)) {
      const place = places.get(folded(name));
      if (place === undefined) throw this.#stranger(name);
      values[start + place] = bound(columns[place] as Column, value);
    }
  }

  #stranger(name: string): SluiceError {
    return new SluiceError(
      'badData',
      `table '${this.#table}' of ${this.#path} has no column '${name}'`,
      `write to another table, or add it: ALTER TABLE ${quoted(this.#table)} ADD COLUMN ${quoted(name)}`,
    );
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#status?.update(stages, head);
  }

  breakOff(): void {
    this.#isBroken = true;
  }

  /** Where a crash came between the database's commit and the job's, the database knows of more batches. */
  async resume({ job, committed, kept }: Resumption): Promise<number | undefined> {
    this.#job = job;
    this.#database.isDurable = true;
    this.#batch = this.#batchIn(job);
    const { batch: keptBatch } = (kept ?? {}) as { batch?: number | null };
    const before = keptBatch ?? undefined;
    if (this.#batch === before) return committed;
    if (this.#batch === undefined) {
      warn(
        'emit',
        `${this.#path} has nothing of this job in table '${this.#table}': what is new is added to it`,
      );
      return committed;
    }
    if (before !== undefined && this.#batch < before) throw this.#behind(this.#batch, before);
    return Math.max(this.#batch, committed ?? this.#batch);
  }

  #batchIn(job: string): number | undefined {
    if (!this.#database.columnsOf(batchesTable)) return undefined;
    const select = `SELECT batch FROM ${batchesTable} WHERE job = ? AND table_name = ?`;
    return this.#database.get(select, job, this.#table)?.['batch'] as number | undefined;
  }

  #behind(batch: number, before: number): SluiceError {
    return new SluiceError(
      'stateMisfit',
      `table '${this.#table}' of ${this.#path} is older than the state of the job: it has batches up to ${batch}, but had them up to ${before}`,
      'put back the database that belongs to the state, or begin anew: `sluice state reset`, and a new table',
    );
  }

  async commit(batch: number): Promise<Json> {
    if (this.#database.isInTransaction) {
      this.#noteBatch(batch);
      faultPoint('rows-inserted');
      this.#database.commit();
      faultPoint('database-committed');
      this.#batch = batch;
    }
    return { batch: this.#batch ?? null };
  }

  #noteBatch(batch: number): void {
    this.#database.run(
      `CREATE TABLE IF NOT EXISTS ${batchesTable} (job TEXT, table_name TEXT, batch INTEGER, PRIMARY KEY (job, table_name)) WITHOUT ROWID`,
    );
    this.#database.run(
      `INSERT OR REPLACE INTO ${batchesTable} VALUES (?, ?, ?)`,
      this.#job as string,
      this.#table,
      batch,
    );
  }

  close(): void {
    this.#status?.close();
    this.#database.close();
  }
}
