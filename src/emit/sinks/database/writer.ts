// Rows → a table of a database. Without state the rows of each batch, or window, are there together or not at all; in a job
// that keeps state they are committed with the number of the batch, so that each batch is in the table once.
import type { StageReport } from '../../../envelope/envelope.ts';
import type { ReportHead } from '../../../monitor/pipeline.ts';
import type { Json } from '../../../envelope/json.ts';
import { SluiceError } from '../../../errors.ts';
import type { Resumption } from '../../../stage/committing.ts';
import { warn } from '../../../stage/stderr.ts';
import { faultPoint } from '../../../state/fault-points.ts';
import type { TableWriter } from '../../emit.ts';
import { cellText } from '../../formats/cells.ts';
import { windowEdges, type TableHead } from '../../formats/format.ts';
import type { Rows } from '../../rows.ts';
import type { Status } from '../../terminal/status.ts';
import { arrange, columnsFor, type Column, type Member } from '../../columns.ts';
import { keyIn, refuseKeyless } from './keys.ts';
import { quoted, type Database, type Mode, type Table } from './database.ts';

/** The table, and which of its columns rows have had so far: the others are left to their defaults. */
type Target = { readonly table: Table; readonly key: readonly string[]; columns: readonly Column[] };

export type Writing = {
  readonly mode: Mode;
  readonly key: readonly string[];
  readonly status: Status | undefined;
};

export class DatabaseWriter implements TableWriter {
  readonly #database: Database;
  readonly #writing: Writing;
  #target: Target | undefined;
  #isBroken = false;
  /** Of a job that keeps state. */
  #job: string | undefined;
  #batch: number | undefined;

  constructor(database: Database, writing: Writing) {
    this.#database = database;
    this.#writing = writing;
  }

  async write(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): Promise<void> {
    const window: readonly Member[] = head.isWindow && head.interval ? windowEdges(head.interval) : [];
    if (isFirst && this.#writing.mode === 'replace') await this.#clear();
    await this.#insert(await this.#insertPlain(rows, window), window);
    if (isLast && this.#job === undefined && !this.#isBroken) await this.#database.commit();
  }

  async #clear(): Promise<void> {
    if (!this.#target && !(await this.#database.describe())) return;
    await this.#database.begin();
    await this.#database.clear();
  }

  /** What the database takes without that rows are parsed; the columns are known by then. Returns the others. */
  async #insertPlain(rows: Rows, window: readonly Member[]): Promise<Rows> {
    if (!this.#target || !this.#database.insertRows || rows.count === 0) return rows;
    const { columns, key } = this.#target;
    if (window.some(([name], index) => columns[index]?.name !== name)) return rows;
    await this.#database.begin();
    return this.#database.insertRows(
      columns,
      key,
      window.map(([, edge]) => cellText(edge)),
      rows,
    );
  }

  async #insert(rows: Rows, window: readonly Member[]): Promise<void> {
    for (const piece of rows.values()) {
      await this.#database.begin();
      this.#target ??= await this.#open(piece, window);
      const values = this.#arranged(this.#target, piece, window);
      const { columns, key } = this.#target;
      if (key.length > 0) refuseKeyless(columns, key, values);
      await this.#database.insert(columns, key, values);
    }
  }

  /** The table as it is, or made for rows like these. */
  async #open(rows: readonly Json[], window: readonly Member[]): Promise<Target> {
    const { mode, key } = this.#writing;
    const keyColumns = mode === 'upsert' ? key : [];
    const there = await this.#database.describe();
    const columns = there ? [] : columnsFor(this.#database.dialect, window, rows);
    const table = there ?? { columns, generated: [], uniques: [keyColumns] };
    const names = keyColumns.length > 0 ? keyIn(this.#database, table, keyColumns) : [];
    if (!there) await this.#database.create(columns, names);
    return { table, key: names, columns };
  }

  #arranged(target: Target, rows: readonly Json[], window: readonly Member[]): Json[] {
    const { folded } = this.#database.dialect;
    for (;;) {
      const values: Json[] = [];
      const { columns } = target;
      // The edges of a window stand in front.
      const edge = window.findIndex(([name], index) => folded(columns[index]?.name ?? '') !== folded(name));
      const name = window[edge]?.[0] ?? arrange(columns, folded, window, rows, values);
      if (name === undefined) return values;
      const found = target.table.columns.find((column) => folded(column.name) === folded(name));
      if (!found) throw this.#stranger(name, target.table, rows, window);
      target.columns = columns.toSpliced(edge === -1 ? columns.length : edge, 0, found);
    }
  }

  #stranger(
    name: string,
    { generated }: Table,
    rows: readonly Json[],
    window: readonly Member[],
  ): SluiceError {
    const { tableName, quotedTable, dialect, name: database } = this.#database;
    if (generated.some((one) => dialect.folded(one) === dialect.folded(name)))
      return new SluiceError(
        'badData',
        `column '${name}' of table '${tableName}' of ${database} is generated, so no row can have it`,
        `leave it out: sluice map --drop ${name}`,
      );
    const type = columnsFor(dialect, window, rows).find((column) => column.name === name)?.type ?? '';
    return new SluiceError(
      'badData',
      `table '${tableName}' of ${database} has no column '${name}'`,
      `write to another table, or add it: ALTER TABLE ${quotedTable} ADD COLUMN ${`${quoted(name)} ${type}`.trimEnd()}`,
    );
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#writing.status?.update(stages, head);
  }

  breakOff(): void {
    this.#isBroken = true;
  }

  /**
   * Where a crash came between the database's commit and the job's, the database knows of more batches; and still does where another one
   * came before the job has caught up.
   */
  async resume({ job, committed, kept }: Resumption): Promise<number | undefined> {
    this.#job = job;
    this.#batch = await this.#database.beginJob(job);
    const { batch: keptBatch } = (kept ?? {}) as { batch?: number | null };
    const before = keptBatch ?? undefined;
    // Of a stream that had ended nothing is passed over.
    if (this.#batch === before && (before === undefined || committed === undefined)) return committed;
    if (this.#batch === undefined) {
      const { tableName, name } = this.#database;
      warn('emit', `${name} has nothing of this job in table '${tableName}': what is new is added to it`);
      return committed;
    }
    if (before !== undefined && this.#batch < before) throw this.#behind(this.#batch, before);
    return Math.max(this.#batch, committed ?? this.#batch);
  }

  #behind(batch: number, before: number): SluiceError {
    const { tableName, name } = this.#database;
    return new SluiceError(
      'stateMisfit',
      `table '${tableName}' of ${name} is older than the state of the job: it has batches up to ${batch}, but had them up to ${before}`,
      'put back the database that belongs to the state, or begin anew: `sluice state reset`, and a new table',
    );
  }

  async commit(batch: number): Promise<Json> {
    if (this.#database.isInTransaction) {
      await this.#database.noteBatch(this.#job as string, batch);
      faultPoint('rows-inserted');
      await this.#database.commit();
      faultPoint('database-committed');
      this.#batch = batch;
    }
    return { batch: this.#batch ?? null };
  }

  async close(): Promise<void> {
    this.#writing.status?.close();
    await this.#database.close();
  }
}
