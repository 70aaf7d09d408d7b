// One connection to PostgreSQL: statements one after the other, and a COPY that stays open while rows come.
import type { Client, ClientConfig, Connection } from 'pg';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { Lost } from './problems.ts';

type Postgres = typeof import('pg');

/** The kind of a message that has bytes of a COPY. */
const copyData = 0x64;
/** Bytes that may wait for the server. */
const mostPending = 4 * 1024 * 1024;

export class Session {
  readonly #client: Client;
  #copy: Copy | undefined;
  /** Why the connection is gone. */
  #loss: Error | undefined;

  private constructor(client: Client) {
    this.#client = client;
    client.on('error', (error) => (this.#loss ??= error));
    client.on('end', () => (this.#loss ??= new Lost('the connection is closed')));
  }

  static async open(config: ClientConfig): Promise<Session> {
    const { Client: NewClient } = createRequire(import.meta.filename)('pg') as Postgres;
    const session = new Session(new NewClient(config));
    try {
      await session.#client.connect();
      return session;
    } catch (error) {
      // A connection that waits for a password would keep the process alive.
      session.close();
      throw error;
    }
  }

  /** The rows of the last statement; several of them only without values. */
  async query(statement: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    await this.settle();
    if (this.#loss) throw this.#loss;
    // With values it is the extended protocol, which never puts them into the text.
    const result =
      values.length > 0
        ? await this.#client.query(statement, [...values])
        : await this.#client.query(statement);
    return result.rows as Record<string, unknown>[];
  }

  /** Bytes for the COPY that `statement` opens; it stays open for more. */
  async send(statement: string, bytes: Buffer): Promise<void> {
    if (this.#copy?.statement !== statement) {
      await this.settle();
      if (this.#loss) throw this.#loss;
      this.#copy = new Copy(statement);
      this.#client.query(this.#copy);
      await this.#copy.begun;
    }
    await this.#copy?.send(bytes);
  }

  /** Ends the COPY that is open: the server has its rows. */
  async settle(): Promise<void> {
    const copy = this.#copy;
    this.#copy = undefined;
    await copy?.end();
  }

  /** All is done: the server is told. */
  async end(): Promise<void> {
    if (this.#loss) return;
    await this.#client.end();
  }

  /** At once; what is open is undone. */
  close(): void {
    const { stream } = (this.#client as unknown as { connection: Connection & { stream: Socket } })
      .connection;
    this.#copy?.done.catch(() => undefined);
    void this.#client.end().catch(() => undefined);
    // A COPY that is open would hold the good-bye up.
    stream.destroy();
  }
}

/** What pg hands the answers of the server to, in place of a query of its own. */
class Copy {
  readonly statement: string;
  /** The server waits for rows. */
  readonly begun: Promise<void>;
  readonly done: Promise<void>;
  #connection: CopyConnection | undefined;
  #begin!: () => void;
  #finish!: () => void;
  #fail!: (error: Error) => void;
  #error: Error | undefined;

  constructor(statement: string) {
    this.statement = statement;
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    const ready = new Promise<void>((resolve) => (this.#begin = resolve));
    this.begun = Promise.race([ready, this.done]);
    // Each error is also thrown where something is sent, or the end is waited for.
    this.begun.catch(() => undefined);
    this.done.catch(() => undefined);
  }

  async send(bytes: Buffer): Promise<void> {
    if (this.#error) throw this.#error;
    const { stream } = this.#connection as CopyConnection;
    // As pg does it, but without a copy of the bytes.
    const header = Buffer.from([copyData, 0, 0, 0, 0]);
    header.writeInt32BE(bytes.length + 4, 1);
    stream.cork();
    stream.write(header);
    stream.write(bytes);
    stream.uncork();
    // The server works while the next rows are made.
    if (stream.writableLength < mostPending || !stream.writableNeedDrain) return;
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([
      once(stream, 'drain', { signal }),
      once(stream, 'close', { signal }),
      this.done,
    ]).finally(() => over.abort());
    if (this.#error) throw this.#error;
  }

  async end(): Promise<void> {
    if (!this.#error) this.#connection?.endCopyFrom();
    await this.done;
  }

  submit(connection: Connection): void {
    this.#connection = connection as unknown as CopyConnection;
    this.#connection.query(this.statement);
  }

  handleCopyInResponse(): void {
    this.#begin();
  }

  handleError(error: Error): void {
    this.#error = error;
    this.#fail(error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (this.#error) this.#fail(this.#error);
    else this.#finish();
  }
}

type CopyConnection = {
  query(text: string): void;
  endCopyFrom(): void;
  readonly stream: Socket;
};
