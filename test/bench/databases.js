// Rows into SQLite and PostgreSQL: sluice beside the databases' own bulk loaders, in turns, against a real server.
//
//   node test/bench/databases.js [thousands of rows] [rounds]
//
// What is in the tables has to be right before anything is timed.
import { DatabaseSync } from '@photostructure/sqlite';
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startCluster } from '../postgres/cluster.js';
import { measureInTurns } from './measure.js';
import { createRandom } from './random.js';

const count = Number(process.argv[2] ?? 1000) * 1000;
const rounds = Number(process.argv[3] ?? 5);
const partSize = 5000;
const partsOfBatch = 10;
const program = resolve(import.meta.dirname, '../../bin/sluice.js');
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-databases-'));
const cluster = await startCluster({ durable: true });
const files = {
  csv: join(folder, 'rows.csv'),
  json: join(folder, 'rows.ndjson'),
  envelopes: join(folder, 'rows.env'),
};

/** The same rows as CSV, as JSON, and as emit gets them from a pipe. */
async function makeRows() {
  const random = createRandom(1);
  const streams = Object.fromEntries(
    Object.entries(files).map(([name, path]) => [name, createWriteStream(path)]),
  );
  const write = async (name, text) => streams[name].write(text) || once(streams[name], 'drain');
  for (let id = 0, part = 0; id < count; id += partSize, part += 1) {
    const place = `"batch":${Math.floor(part / partsOfBatch)},"part":${part % partsOfBatch}`;
    const isLast = part % partsOfBatch === partsOfBatch - 1 || id + partSize >= count;
    const rows = Array.from({ length: Math.min(partSize, count - id) }, (_, index) => ({
      id: id + index,
      at: new Date(Date.UTC(2026, 2, 1) + (id + index) * 40).toISOString(),
      status: 200 + Math.floor(random() * 4),
      path: `/shop/${Math.floor(random() * 1000)}/item`,
      ms: Math.floor(random() * 10_000) / 10,
    }));
    const records = rows.map((row) => JSON.stringify(row));
    await write('csv', `${rows.map((row) => Object.values(row).join(',')).join('\n')}\n`);
    await write('json', `${records.join('\n')}\n`);
    await write(
      'envelopes',
      `{"v":1,${place},"last":${isLast},"n":${rows.length},"records":[${records.join(',')}]}\n`,
    );
  }
  await write('envelopes', '{"v":1,"n":0,"end":"ok","records":[]}\n');
  for (const stream of Object.values(streams)) await once(stream.end(), 'close');
}

const columns = 'id bigint, at text, status bigint, path text, ms double precision';
const psql = `psql -qX '${cluster.address}' -v ON_ERROR_STOP=1`;
const fresh = {
  sqlite: `rm -f r.db r.db-wal r.db-shm; sqlite3 r.db 'PRAGMA journal_mode=WAL' 'CREATE TABLE r (${columns})'`,
  postgres: `${psql} -c 'DROP TABLE IF EXISTS r; CREATE TABLE r (${columns})'`,
};
const sinks = { sqlite: 'emit sqlite:r.db', postgres: `emit ${cluster.address} --table r` };

const ways = Object.entries(sinks).flatMap(([database, sink]) => {
  const loader =
    database === 'sqlite'
      ? `sqlite3 r.db '.import --csv rows.csv r'`
      : `${psql} -c "\\copy r FROM 'rows.csv' CSV"`;
  const whole = `${program} ingest --format json rows.ndjson | ${program} batch --records 50000 | ${program} ${sink}`;
  const one = `${program} run 'ingest --format json rows.ndjson | batch --records 50000 | ${sink}'`;
  return [
    { database, name: database === 'sqlite' ? '.import' : '\\copy', work: loader },
    { database, name: 'emit', work: `${program} ${sink} < rows.env` },
    { database, name: 'pipeline of JSON', work: whole },
    { database, name: 'sluice run', work: one },
  ];
});

/** Making the table is the same for all, and takes milliseconds. */
const commands = ways.map(({ database, name, work }) => {
  return { database, name, command: `${fresh[database]} > /dev/null; ${work}` };
});

async function contentOf(database) {
  const look =
    'SELECT count(*) AS n, sum(id) AS ids, sum(status) AS statuses, sum(ms) AS ms, count(DISTINCT path) AS paths FROM r';
  if (database === 'postgres') return (await cluster.query(look))[0].map(Number).map(Math.round).join(' ');
  const opened = new DatabaseSync(join(folder, 'r.db'), { readOnly: true });
  const row = opened.prepare(look).get();
  opened.close();
  return Object.values(row).map(Math.round).join(' ');
}

const place = { cwd: folder, env: process.env };
mkdirSync(folder, { recursive: true });
await makeRows();
const contents = [];
for (const { database, command } of commands) {
  const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    ...place,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  contents.push(await contentOf(database));
}
if (new Set(contents).size !== 1) throw new Error(`the tables differ: ${contents.join('; ')}`);

const results = measureInTurns(commands, rounds, place, (text) => console.error(text));
const median = (list) => list.toSorted((one, other) => one - other)[list.length >> 1];
console.log(
  `${count} rows, ${rounds} rounds; × is the rate beside the database's own loader, of wall time and of CPU time`,
);
for (const [{ database, name }, runs] of results) {
  const base = [...results].find(([way]) => way.database === database)[1];
  const ratio = (field) => median(base.map((run, index) => run[field] / runs[index][field])).toFixed(2);
  const wall = median(runs.map((run) => run.wall));
  console.log(
    `${database.padEnd(9)} ${name.padEnd(17)} ${wall.toFixed(2).padStart(6)} s ${String(Math.round(count / wall / 1000)).padStart(6)} k/s  ${ratio('wall')} ×  CPU ${ratio('cpu')} ×  ${Math.round(median(runs.map((run) => run.peak)))} MB`,
  );
}
await cluster.stop();
rmSync(folder, { recursive: true });
