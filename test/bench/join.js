// A stream of records with a table of as many rows: sluice beside Miller's join (unsorted), in turns.
//
//   node test/bench/join.js [thousands of records] [rounds]
//
// Both have to come to the same records before anything is timed. Start and the reading of the table are part of the time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { measureInTurns, median, medianRatio } from './measure.js';
import { createRandom } from './random.js';

const count = Number(process.argv[2] ?? 1000) * 1000;
const rounds = Number(process.argv[3] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-join-'));
symlinkSync(resolve(import.meta.dirname, '../../bin/sluice.js'), join(folder, 'sluice'));
const place = { cwd: folder, env: { ...process.env, PATH: `${folder}:${process.env['PATH']}`, LC_ALL: 'C' } };
delete place.env['NODE_EXTRA_CA_CERTS'];

if (spawnSync('mlr', ['--version']).status !== 0) {
  console.log('Miller is not here: apt-get install miller');
  process.exit(1);
}
writeInputs();

/** @param {string} ingest @param {string} emit */
const sluice = (ingest, emit) =>
  `sluice run '${ingest} | batch --once | join table.csv --on id --prefix "" | emit --format ${emit}'`;

const works = [
  {
    name: 'NDJSON with a table of csv, as NDJSON',
    ours: sluice('ingest --format json stream.ndjson', 'ndjson'),
    theirs: 'mlr --ijsonl --ojsonl join -i csv -j id -f table.csv stream.ndjson',
    read: readJson,
  },
  {
    name: 'csv with a table of csv, as csv',
    ours: sluice('ingest --format csv stream.csv', 'csv'),
    theirs: 'mlr --icsv --ocsv join -j id -f table.csv stream.csv',
    read: readCsv,
  },
];

for (const { name, ours, theirs, read } of works) {
  const [own, other] = [ours, theirs].map((command) => digest(command, read));
  if (own !== other) throw new Error(`${name}: sluice has ${own}, Miller ${other}`);
}
for (const { name, ours, theirs } of works) {
  const rows = [
    { name: 'sluice run', command: ours },
    { name: 'Miller', command: theirs },
  ];
  const results = measureInTurns(rows, rounds, place, () => undefined);
  const base = results.get(rows[0]);
  console.log(`\n${name}: ${count} records, ${count} rows, ${rounds} rounds\n`);
  console.log('|  | wall | CPU | peak | × |\n| --- | --- | --- | --- | --- |');
  for (const row of rows) {
    const runs = results.get(row);
    const figures = (pick) => median(runs.map(pick)).toFixed(2);
    const ratio = medianRatio(
      runs.map(({ wall }) => wall),
      base.map(({ wall }) => wall),
    );
    console.log(
      `| ${row.name} | ${figures(({ wall }) => wall)} s | ${figures(({ cpu }) => cpu ?? Number.NaN)} s | ${Math.round(median(runs.map(({ peak }) => peak ?? Number.NaN)))} MB | ${ratio.toFixed(2)} |`,
    );
  }
}
rmSync(folder, { recursive: true });

function writeInputs() {
  const random = createRandom(7);
  const ids = Uint32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [ids[index], ids[other]] = [ids[other], ids[index]];
  }
  write(
    'table.csv',
    'id,name,city\n',
    (index) => `${ids[index]},user${ids[index]},city${ids[index] % 1000}\n`,
  );
  // One in twenty has no partner.
  const wanted = Uint32Array.from({ length: count }, () => Math.floor(random() * count * 1.05));
  const ms = (index) => (index * 7919) % 1000;
  write(
    'stream.ndjson',
    '',
    (index) =>
      `{"at":${1.7e12 + index},"id":${wanted[index]},"ms":${ms(index)},"path":"/a/b/c${index % 77}"}\n`,
  );
  write('stream.csv', 'at,id,ms\n', (index) => `${1.7e12 + index},${wanted[index]},${ms(index)}\n`);
}

/** @param {string} name @param {string} heading @param {(index: number) => string} line */
function write(name, heading, line) {
  const file = openSync(join(folder, name), 'w');
  writeSync(file, heading);
  for (let index = 0; index < count; index += 10_000)
    writeSync(
      file,
      Array.from({ length: Math.min(10_000, count - index) }, (_, at) => line(index + at)).join(''),
    );
  closeSync(file);
}

/** The records of a command, whatever the order of their members, as a number of them and a hash. */
function digest(command, read) {
  const { status } = spawnSync('bash', ['-c', `${command} > out`], { ...place, stdio: 'inherit' });
  if (status !== 0) throw new Error(command);
  const hash = createHash('sha256');
  let records = 0;
  for (const record of read(readFileSync(join(folder, 'out'), 'latin1').split('\n'))) {
    hash.update(
      Object.keys(record)
        .sort()
        .map((name) => `${name}=${record[name]}`)
        .join(),
    );
    records += 1;
  }
  return `${records} records, ${hash.digest('hex').slice(0, 16)}`;
}

function* readJson(lines) {
  for (const line of lines) if (line !== '') yield JSON.parse(line);
}

function* readCsv([heading, ...lines]) {
  const names = heading.split(',');
  for (const line of lines) {
    if (line === '') continue;
    const values = line.split(',');
    yield Object.fromEntries(names.map((name, index) => [name, values[index]]));
  }
}
