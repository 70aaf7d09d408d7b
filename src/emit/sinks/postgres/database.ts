// A PostgreSQL database that rows are added to. What a transaction consists of is held until it is committed: where the
// server goes away, or undoes it, it is done again.
import type { Json } from '../../../envelope/json.ts';
import type { Column } from '../../columns.ts';
import { SluiceError, systemCode } from '../../../errors.ts';
import { tryUntilItWorks, type Persistence } from '../../../persist.ts';
import type { Rows } from '../../rows.ts';
import {
  batchesTable,
  onConflict,
  quoted,
  quotedList,
  type Database,
  type Table,
} from '../database/database.ts';
import { isWorthLayingOut, layOutRows } from '../../formats/lay-out.ts';
import type { PostgresAddress } from './address.ts';
import { copyText, isOfJson, postgresDialect, schemaAndTable } from './dialect.ts';
import { passwordFor } from './password.ts';
import { isPassing, Lost, pauseAfterConflict, postgresProblem } from './problems.ts';
import { Session } from './session.ts';

/** A transaction of more bytes is not held, so that a lost connection ends it. */
const mostHeld = 64 * 1024 * 1024;
/** Milliseconds. A server that was never reached is a typo sooner than one that is late. */
const firstPatience = 10_000;
/** What is said of the number of a transaction that no transaction had so far. */
const inTheFuture = '22023';

export type PostgresSettings = {
  readonly address: PostgresAddress;
  /** May have the name of a schema in front: `reports.status`. */
  readonly table: string;
  readonly passwordFile: string | undefined;
  /** How long to go on trying while no server answers, in milliseconds. */
  readonly patience: number;
};

/** Part of a transaction. */
type Step = { readonly statement: string; readonly values?: readonly unknown[]; readonly lines?: Buffer[] };

/** Where rows are put: the table itself, or one beside it from which they are merged. */
type Loading = {
  readonly columns: readonly Column[];
  readonly copy: string;
  readonly merge: string | undefined;
};

export class PostgresDatabase implements Database {
  readonly dialect = postgresDialect;
  readonly name: string;
  readonly tableName: string;
  readonly quotedTable: string;
  readonly #settings: PostgresSettings;
  /** Of the schema that the table is in. */
  readonly #batches: string;
  #session: Session | undefined;
  #wasReached = false;
  /** The transaction that is open, as far as it is held. */
  #steps: Step[] | undefined;
  #held = 0;
  /** The batch that it ends with, in a job that keeps state. */
  #noted: number | undefined;
  #job: string | undefined;
  #loading: Loading | undefined;
  #loadings = 0;

  constructor(settings: PostgresSettings) {
    const { address, table } = settings;
    this.#settings = settings;
    this.name = address.text;
    this.tableName = table;
    const { schema, name } = schemaAndTable(table);
    const inFront = schema === undefined ? '' : `${quoted(schema)}.`;
    this.quotedTable = inFront + quoted(name);
    this.#batches = inFront + quoted(batchesTable);
  }

  get isInTransaction(): boolean {
    return this.#steps !== undefined;
  }

  async describe(): Promise<Table | undefined> {
    const found = (await this.#ask(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attgenerated <> '' AS generated FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      [this.quotedTable],
    )) as (Column & { readonly generated: boolean })[];
    if (found.length === 0) return undefined;
    const uniques = await this.#ask(
      `SELECT array_agg(attname::text) AS names FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
        WHERE indrelid = to_regclass($1) AND indisunique AND indpred IS NULL AND indexprs IS NULL GROUP BY indexrelid`,
      [this.quotedTable],
    );
    return {
      columns: found.filter(({ generated }) => !generated),
      generated: found.filter(({ generated }) => generated).map(({ name }) => name),
      uniques: uniques.map(({ names }) => names as string[]),
    };
  }

  /** Of the schema in which tables are made that are named without one. */
  async rights(): Promise<{ readonly schema: string; readonly mayCreate: boolean }> {
    const [found] = await this.#ask(
      `SELECT coalesce(current_schema(), 'public') AS schema, coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create`,
    );
    return { schema: String(found?.['schema']), mayCreate: found?.['may_create'] === true };
  }

  async beginJob(job: string): Promise<number | undefined> {
    this.#job = job;
    // A transaction that an earlier run left behind may be about to end.
    await this.begin();
    const batch = await this.#notedBatch((statement, values) => this.#ask(statement, values));
    await this.commit();
    return batch;
  }

  async #notedBatch(ask: Session['query']): Promise<number | undefined> {
    const [found] = await ask('SELECT to_regclass($1) IS NOT NULL AS is_there', [this.#batches]);
    const select = `SELECT batch::int8::text AS batch FROM ${this.#batches} WHERE job = $1 AND table_name = $2`;
    const [row] = found?.['is_there'] ? await ask(select, [this.#job, this.tableName]) : [];
    return row && Number(row['batch']);
  }

  async begin(): Promise<void> {
    if (this.#steps) return;
    this.#steps = [];
    this.#held = 0;
    this.#noted = undefined;
    const patience = Math.round(this.#settings.patience);
    await this.#run({
      statement: `BEGIN; SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = ${patience}`,
    });
    if (this.#job === undefined) return;
    // One run of a job at a time: whoever comes next waits until this transaction has ended, one way or the other.
    const lock = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
    await this.#run({ statement: lock, values: [`sluice ${this.#job} ${this.tableName}`] });
  }

  async create(columns: readonly Column[], key: readonly string[]): Promise<void> {
    const declared = columns.map(({ name, type }) => `${quoted(name)} ${type}`);
    if (key.length > 0) declared.push(`PRIMARY KEY (${quotedList(key)})`);
    await this.#run({ statement: `CREATE TABLE IF NOT EXISTS ${this.quotedTable} (${declared.join(', ')})` });
  }

  async clear(): Promise<void> {
    await this.#merge();
    await this.#run({ statement: `DELETE FROM ${this.quotedTable}` });
  }

  async insert(columns: readonly Column[], key: readonly string[], values: Json[]): Promise<void> {
    await this.#load(columns, key, Buffer.from(copyText(columns, values)));
  }

  async insertRows(
    columns: readonly Column[],
    key: readonly string[],
    window: readonly string[],
    rows: Rows,
  ): Promise<Rows> {
    if (!isWorthLayingOut(rows) || columns.some(isOfJson)) return rows;
    const names = columns.slice(window.length).map(({ name }) => name);
    if (this.#layout?.columns !== columns)
      this.#layout = { columns, layout: { style: 'copy', columns: names } };
    const opening = window.map((edge) => `${edge}\t`).join('');
    const { bytes, rest } = layOutRows(rows, this.#layout.layout, opening);
    // Text that the server does not take: of rows that are parsed the column can be named.
    if (bytes.includes(0)) return rows;
    if (bytes.length > 0) await this.#load(columns, key, bytes);
    return rest;
  }

  #layout: { columns: readonly Column[]; layout: { style: 'copy'; columns: string[] } } | undefined;

  async #load(columns: readonly Column[], key: readonly string[], lines: Buffer): Promise<void> {
    if (this.#loading?.columns !== columns) await this.#prepareLoading(columns, key);
    const { copy: statement } = this.#loading as Loading;
    const last = this.#steps?.at(-1);
    if (last?.lines && last.statement === statement) {
      await this.#perform((session) => session.send(statement, lines));
      last.lines.push(lines);
    } else await this.#run({ statement, lines: [lines] });
    this.#held += lines.length;
    if (this.#held > mostHeld) for (const step of this.#steps ?? []) step.lines?.splice(0);
  }

  /** With a key rows go to a table of this transaction first: COPY knows nothing of rows that are there. */
  async #prepareLoading(columns: readonly Column[], key: readonly string[]): Promise<void> {
    await this.#merge();
    const names = quotedList(columns.map(({ name }) => name));
    if (key.length === 0) {
      this.#loading = { columns, copy: `COPY ${this.quotedTable} (${names}) FROM STDIN`, merge: undefined };
      return;
    }
    const beside = `pg_temp.${quoted(`_sluice_${(this.#loadings += 1)}`)}`;
    const notNull = key.map((name) => `, ALTER ${quoted(name)} SET NOT NULL`).join('');
    await this.#run({
      statement: `CREATE TEMP TABLE ${beside.slice('pg_temp.'.length)} ON COMMIT DROP AS SELECT ${names} FROM ${this.quotedTable} WITH NO DATA;
        ALTER TABLE ${beside} ADD "_sluice row" int8 GENERATED ALWAYS AS IDENTITY${notNull}`,
    });
    // The last of several rows with one key counts; rows in the order of keys keep two writers from a deadlock.
    const keys = quotedList(key);
    const merge = `INSERT INTO ${this.quotedTable} (${names}) SELECT DISTINCT ON (${keys}) ${names} FROM ${beside}
      ORDER BY ${keys}, "_sluice row" DESC${onConflict(columns, key)}`;
    this.#loading = { columns, copy: `COPY ${beside} (${names}) FROM STDIN`, merge };
  }

  async #merge(): Promise<void> {
    const merge = this.#loading?.merge;
    this.#loading = undefined;
    if (merge !== undefined) await this.#run({ statement: merge });
  }

  async noteBatch(job: string, batch: number): Promise<void> {
    const [found] = await this.#ask('SELECT to_regclass($1) IS NOT NULL AS is_there', [this.#batches]);
    if (!found?.['is_there'])
      await this.#run({
        statement: `CREATE TABLE IF NOT EXISTS ${this.#batches} (job text, table_name text, batch int8, PRIMARY KEY (job, table_name))`,
      });
    await this.#merge();
    await this.#run({
      statement: `INSERT INTO ${this.#batches} VALUES ($1, $2, $3) ON CONFLICT (job, table_name) DO UPDATE SET batch = excluded.batch`,
      values: [job, this.tableName, batch],
    });
    this.#noted = batch;
  }

  /** Where the answer is lost, the server is asked what became of the transaction, by its number. */
  async commit(): Promise<void> {
    if (!this.#steps) return;
    await this.#merge();
    let id: unknown;
    await this.#perform(
      async (session) => {
        await session.settle();
        [{ id } = { id: undefined }] = await session.query('SELECT txid_current()::text AS id');
        await session.query('COMMIT');
      },
      async (session) => id !== undefined && this.#hasCommitted(session, id),
    );
    this.#steps = undefined;
    this.#loading = undefined;
  }

  /** A server that has crashed may know nothing of a transaction, and give its number to another one. */
  async #hasCommitted(session: Session, id: unknown): Promise<boolean> {
    const [row] = await session
      .query('SELECT txid_status($1::int8) AS status', [id])
      .catch((error: unknown) => (systemCode(error) === inTheFuture ? [] : Promise.reject(error)));
    const status = row?.['status'];
    if (status === 'in progress') throw new Lost('the transaction has not ended yet');
    if (status !== 'committed') return false;
    if (this.#noted === undefined) return true;
    return (await this.#notedBatch((statement, values) => session.query(statement, values))) === this.#noted;
  }

  async close(): Promise<void> {
    if (this.#steps) this.#disconnect();
    else await this.#session?.end().catch(() => undefined);
  }

  /** An answer that is no part of what a transaction does. */
  async #ask(statement: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.#perform((session) => session.query(statement, values));
  }

  async #run(step: Step): Promise<void> {
    await this.#perform((session) => runStep(session, step));
    this.#steps?.push(step);
  }

  /**
   * `work`, on a connection on which all steps of the open transaction have been taken. A new one is asked `isDone` first.
   */
  async #perform<Result>(
    work: (session: Session) => Promise<Result>,
    isDone?: (session: Session) => Promise<boolean>,
  ): Promise<Result> {
    return tryUntilItWorks(this.#persistence, async () => {
      try {
        if (!this.#session) {
          this.#session = await this.#connect();
          if (await isDone?.(this.#session)) return undefined as Result;
          await this.#repeat(this.#session);
        }
        return await work(this.#session);
      } catch (error) {
        if (isPassing(error)) this.#disconnect();
        throw error;
      }
    });
  }

  async #repeat(session: Session): Promise<void> {
    if (this.#held > mostHeld)
      throw new SluiceError(
        'unavailable',
        `${this.name} was lost within a transaction of more than ${mostHeld / 1024 / 1024} MiB, which is not held to be done again`,
        'run the line again, with smaller batches: batch --records 100000; with state it goes on where it was',
      );
    for (const step of this.#steps ?? []) await runStep(session, step);
  }

  get #persistence(): Persistence {
    const { patience, address } = this.#settings;
    return {
      patience: () => (this.#wasReached ? patience : Math.min(firstPatience, patience)),
      isPassing,
      pauseAfter: pauseAfterConflict,
      problem: (error) => postgresProblem(address, error),
    };
  }

  async #connect(): Promise<Session> {
    const { address, passwordFile } = this.#settings;
    const { host, port, user, database, ssl } = address;
    const session = await Session.open({
      host,
      port,
      user,
      database,
      ssl,
      keepAlive: true,
      connectionTimeoutMillis: firstPatience,
      application_name: 'sluice',
      // Asked for only where the server wants one.
      password: async () => passwordFor(address, passwordFile),
    });
    this.#wasReached = true;
    return session;
  }

  #disconnect(): void {
    this.#session?.close();
    this.#session = undefined;
  }
}

async function runStep(session: Session, { statement, values, lines }: Step): Promise<void> {
  if (!lines) await session.query(statement, values);
  else for (const bytes of lines) await session.send(statement, bytes);
}
