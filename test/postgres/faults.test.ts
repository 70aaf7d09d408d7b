// A PostgreSQL that goes away and comes back, that undoes transactions, or does not answer: each row is there once.
import { Client } from 'pg';
import { once as onceOf } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { DatabaseWriter } from '../../src/emit/sinks/database/writer.ts';
import type { Mode } from '../../src/emit/sinks/database/database.ts';
import { parsePostgresAddress } from '../../src/emit/sinks/postgres/address.ts';
import { PostgresDatabase } from '../../src/emit/sinks/postgres/database.ts';
import { Rows } from '../../src/emit/rows.ts';
import { harmless } from '../helpers/sockets.ts';
import { describeWithPostgres, type Cluster } from './with-postgres.ts';

const batch = { batch: 0, isWindow: false };
const texts = (from: number, count: number): Rows =>
  Rows.of(
    Array.from({ length: count }, (_, index) => `{"id":${from + index},"text":"text ${from + index}"}`),
  );

type Opening = { readonly patience?: number; readonly mode?: Mode; readonly key?: readonly string[] };

function open(
  { address: text }: Pick<Cluster, 'address'>,
  { patience = 30_000, mode = 'append', key = [] }: Opening = {},
): DatabaseWriter {
  const address = parsePostgresAddress(text);
  const database = new PostgresDatabase({ address, table: 't', passwordFile: undefined, patience });
  const writer = new DatabaseWriter(database, { mode, key, status: undefined });
  onTestFinished(() => writer.close().catch(() => undefined));
  return writer;
}

async function client(cluster: Cluster): Promise<Client> {
  const made = new Client({ connectionString: cluster.address });
  made.on('error', () => undefined);
  await made.connect();
  onTestFinished(() => made.end().catch(() => undefined));
  return made;
}

/** A way to a port of this machine that can be closed for a while. */
async function wayTo(target: number): Promise<{ port: number; open: () => void; close: () => void }> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((from) => {
    if (!isOpen) return void harmless(from).destroy();
    const onward = connect(target, '127.0.0.1');
    for (const socket of [from, onward]) sockets.add(harmless(socket));
    from.pipe(onward).pipe(from);
    from.on('close', () => onward.destroy());
    onward.on('close', () => from.destroy());
  });
  await onceOf(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    open: () => (isOpen = true),
    close() {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
  };
}

const found = (cluster: Cluster): Promise<(string | null)[][]> =>
  cluster.query('SELECT count(*), count(DISTINCT id), sum(id) FROM t');
const once = (count: number): string[] => [String(count), String(count), String((count * (count - 1)) / 2)];

/** Ends all other connections, as a server that is stopped does. */
const cutOff = (cluster: Cluster): Promise<unknown> =>
  cluster.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice'");

let starting: Promise<void> | undefined;

async function awayForAWhile(cluster: Cluster): Promise<void> {
  await starting;
  await cluster.kill();
  starting = sleep(1500).then(() => cluster.start());
}

const disturbances: readonly (readonly [string, (cluster: Cluster) => Promise<unknown>])[] = [
  ['connections that are ended', cutOff],
  ['a server that is killed and started', (cluster) => cluster.restart()],
  ['a server that is away for a while', awayForAWhile],
];

describeWithPostgres('PostgreSQL with faults', (cluster) => {
  test.each(disturbances)('%s: the transaction is done again (fault 34)', async (_, disturb) => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice');
    const writer = open(cluster());
    // Before the first row, within a batch, between two.
    await writer.write(texts(0, 5000), batch, true, true);
    await disturb(cluster());
    await writer.write(texts(5000, 5000), batch, true, false);
    await disturb(cluster());
    await writer.write(texts(10_000, 5000), batch, false, false);
    await writer.write(texts(15_000, 5000), batch, false, true);
    await disturb(cluster());
    await writer.write(texts(20_000, 10), batch, true, true);
    await starting;
    expect(await found(cluster())).toEqual([once(20_010)]);
  });

  test('an answer to a commit that never comes: the server is asked, and nothing is there twice', async () => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice');
    // Commits take so long that the connection ends in the middle of them.
    await cluster().query(`CREATE TABLE t (id int8, text text);
      CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`);
    const writer = open(cluster());
    const over = new AbortController();
    const disturbing = (async () => {
      for (let round = 0; !over.signal.aborted; round += 1) {
        await sleep(150 + 37 * (round % 7));
        if (round < 12) await cutOff(cluster());
      }
    })();
    for (let id = 0; id < 8; id += 1) await writer.write(texts(id, 1), batch, true, true);
    over.abort();
    await disturbing;
    expect(await found(cluster())).toEqual([once(8)]);
  });

  /** A table whose commits take a second, on a server that brings nothing to the disk before. */
  async function slowCommits(): Promise<void> {
    await cluster().query('DROP TABLE IF EXISTS t, other, _sluice');
    await cluster().query(`CREATE TABLE t (id int8, text text); CREATE TABLE other (id int8);
      CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`);
    await cluster().query("ALTER SYSTEM SET wal_writer_delay = '10s'");
    onTestFinished(async () => void (await cluster().query('ALTER SYSTEM RESET wal_writer_delay')));
    await cluster().restart();
  }

  const isCommitting = async (): Promise<boolean> =>
    (await cluster().query("SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"))
      .length > 0;

  test('a crash in the middle of a commit, after which the server knows no such transaction: it is done again', async () => {
    await slowCommits();
    const writer = open(cluster());
    const writing = writer.write(texts(0, 1), batch, true, true);
    await expect.poll(isCommitting, { timeout: 20_000 }).toBe(true);
    await cluster().restart();
    await writing;
    expect(await found(cluster())).toEqual([once(1)]);
    expect(readFileSync(cluster().log, 'utf8')).toContain('is in the future');
  });

  test('a crash after which another transaction gets its number: a job does it again', async () => {
    await slowCommits();
    const way = await wayTo(cluster().port);
    const writer = open({ address: `postgres://postgres@127.0.0.1:${way.port}/postgres` });
    await writer.resume({ job: 'j', committed: undefined, kept: undefined });
    await writer.write(texts(0, 1), batch, true, true);
    const committing = writer.commit(0);
    await expect.poll(isCommitting, { timeout: 20_000 }).toBe(true);
    way.close();
    await cluster().restart();
    for (let id = 0; id < 20; id += 1) await cluster().query(`INSERT INTO other VALUES (${id})`);
    way.open();
    await committing;
    expect(await found(cluster())).toEqual([once(1)]);
    expect(await cluster().query('SELECT batch FROM _sluice')).toEqual([['0']]);
  });

  test('a deadlock: who is told to give way does it again', async () => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice');
    await cluster().query(
      "CREATE TABLE t (id int8 PRIMARY KEY, text text); INSERT INTO t VALUES (1, 'a'), (2, 'b')",
    );
    const other = await client(cluster());
    await other.query("SET deadlock_timeout = '30s'; BEGIN; UPDATE t SET text = 'other' WHERE id = 2");
    const writer = open(cluster(), { mode: 'upsert', key: ['id'] });
    const writing = writer.write(
      Rows.of(['{"id":1,"text":"ours"}', '{"id":2,"text":"ours"}']),
      batch,
      true,
      true,
    );
    await expect.poll(() => blocked(cluster()), { timeout: 20_000 }).toBe('1');
    // Now each waits for the other; ours looks for a deadlock first.
    await other.query("UPDATE t SET text = 'other' WHERE id = 1");
    await other.query('COMMIT');
    await writing;
    expect(await cluster().query('SELECT id, text FROM t ORDER BY id')).toEqual([
      ['1', 'ours'],
      ['2', 'ours'],
    ]);
  });

  test('a transaction that cannot be serialized is done again', async () => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice');
    await cluster().query("CREATE TABLE t (id int8 PRIMARY KEY, text text); INSERT INTO t VALUES (1, 'a')");
    await cluster().query("ALTER ROLE postgres SET default_transaction_isolation = 'repeatable read'");
    onTestFinished(() =>
      cluster()
        .query('ALTER ROLE postgres RESET default_transaction_isolation')
        .then(() => undefined),
    );
    const other = await client(cluster());
    await other.query("BEGIN; UPDATE t SET text = 'other' WHERE id = 1");
    const writer = open(cluster(), { mode: 'upsert', key: ['id'] });
    const writing = writer.write(Rows.of(['{"id":1,"text":"ours"}']), batch, true, true);
    await expect.poll(() => blocked(cluster()), { timeout: 20_000 }).toBe('1');
    await other.query('COMMIT');
    await writing;
    expect(await cluster().query('SELECT text FROM t')).toEqual([['ours']]);
  });

  test('a table that somebody else holds is waited for, as long as --patience says', async () => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice; CREATE TABLE t (id int8, text text)');
    const other = await client(cluster());
    await other.query('BEGIN; LOCK TABLE t');
    await expect(
      open(cluster(), { patience: 300 }).write(texts(0, 1), batch, true, true),
    ).rejects.toMatchObject({
      exit: 'tryLater',
      message: expect.stringContaining('another transaction holds the table'),
    });
    const writing = open(cluster()).write(texts(0, 1), batch, true, true);
    await expect.poll(() => blocked(cluster()), { timeout: 20_000 }).toBe('1');
    await other.query('COMMIT');
    await writing;
    expect(await found(cluster())).toEqual([once(1)]);
  });

  test('a run that comes back waits until the transaction of the one before has ended', async () => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice');
    const from = { job: 'j', committed: undefined, kept: undefined };
    const before = open(cluster());
    await before.resume(from);
    await before.write(texts(0, 1), batch, true, true);
    const resuming = open(cluster()).resume(from);
    await expect.poll(() => blocked(cluster()), { timeout: 20_000 }).toBe('1');
    await before.commit(7);
    expect(await resuming).toBe(7);
  });

  test('a server that does not come back is given up, and nothing of the batch is there', async () => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice');
    const writer = open(cluster(), { patience: 500 });
    await writer.write(texts(0, 10), batch, true, true);
    await writer.write(texts(10, 10), batch, true, false);
    await cluster().kill();
    await expect(
      (async () => {
        await writer.write(texts(20, 10), batch, false, false);
        await writer.write(texts(30, 10), batch, false, true);
      })(),
    ).rejects.toMatchObject({
      exit: 'unavailable',
      message: expect.stringContaining('cannot reach postgres://'),
    });
    await cluster().start();
    expect(await found(cluster())).toEqual([once(10)]);
  });

  test('of a transaction that is too large to be held, a lost connection is told', async () => {
    await cluster().query('DROP TABLE IF EXISTS t, _sluice');
    const writer = open(cluster());
    const row = JSON.stringify({ id: 1, text: 'x'.repeat(900_000) });
    for (let index = 0; index < 80; index += 1) await writer.write(Rows.of([row]), batch, index === 0, false);
    await cutOff(cluster());
    await expect(writer.write(Rows.of([row]), batch, false, true)).rejects.toMatchObject({
      exit: 'unavailable',
      message: expect.stringContaining('was lost within a transaction of more than 64 MiB'),
    });
  });
});

const blocked = async (cluster: Cluster): Promise<string | null | undefined> =>
  (await cluster.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))[0]?.[0];
