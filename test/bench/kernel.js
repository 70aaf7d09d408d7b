// The kernel beside what a shell user has, on the same text in one run: node test/bench/kernel.js [MB]
// Each row is the best of several rounds, the rounds of all rows taking turns, because other work on
// the machine slows whole seconds. Needs `npm run build:kernel`; mawk, wc and cc where they are to be compared.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { bundled, folder } from './bundle.js';
import { writeDistinct, writeLog, writeObjects, writeText } from './kernel-inputs.js';

const megabytes = Number(process.argv[2] ?? 200);
const rounds = Number(process.argv[3] ?? 5);
const { createWasmKernel, rowFormat } = await bundled(
  'kernel',
  `
  export { rowFormat } from './src/kernel/format.ts';
  export { createWasmKernel } from './src/kernel/wasm.ts';`,
);
const textPath = `${folder}text-${megabytes}.txt`;
const distinctPath = `${folder}distinct.txt`;
writeText(textPath, megabytes * 1e6, 60_000);
writeDistinct(distinctPath, 5_000_000);
const compiler = spawnSync('cc', [
  '-O3',
  '-march=native',
  '-o',
  `${folder}wordcount`,
  new URL('wordcount.c', import.meta.url).pathname,
]);

const partBytes = 1 << 20;
const wordRows = rowFormat([
  { name: 'word', kind: 'key' },
  { name: 'count', kind: 'count' },
]);

/** Cuts a file into parts of whole lines, outside of what is timed. */
function partsOf(path) {
  const bytes = readFileSync(path);
  const parts = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + partBytes >= bytes.length ? bytes.length : bytes.lastIndexOf(10, at + partBytes) + 1;
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}

const started = performance.now();
createWasmKernel();
const startMs = performance.now() - started;

const parts = partsOf(textPath);
const bytes = statSync(textPath).size;
const kernel = createWasmKernel();
const payloads = parts.map((part) =>
  Buffer.from(kernel.encodeLines(part, { capacity: 4 * partBytes }).bytes),
);
const rows = new Map();

function timed(name, size, work) {
  const start = performance.now();
  const note = work();
  const ms = performance.now() - start;
  const row = rows.get(name) ?? { name, size, best: Infinity, all: [], note: '' };
  row.best = Math.min(row.best, ms);
  row.all.push(ms);
  row.note = note ?? row.note;
  rows.set(name, row);
}

/** Runs a command on a file as its standard input; gives its peak memory where `time` tells. */
function run(command, path) {
  const input = openSync(path, 'r');
  const done = spawnSync(command[0], command.slice(1), {
    stdio: [input, 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  closeSync(input);
  if (done.status !== 0) throw new Error(`${command.join(' ')}: ${String(done.stderr)}`);
  const peak = /Maximum resident.*: (\d+)/.exec(String(done.stderr));
  return peak === null ? undefined : `peak ${Math.round(peak[1] / 1024)} MB`;
}
const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const measured = has('/usr/bin/time') ? ['/usr/bin/time', '-v'] : [];
const awkProgram = '{for(i=1;i<=NF;i++)c[$i]++}END{for(w in c)print w,c[w]}';

for (let round = 0; round < rounds; round++) {
  timed('wasm: count words of raw text', bytes, () => {
    const table = kernel.createTable();
    for (const part of parts) table.countWords(part);
    const note = `${table.size} distinct`;
    table.free();
    return note;
  });
  timed('wasm: count words of JSON payloads', bytes, () => {
    const table = kernel.createTable();
    for (const payload of payloads) table.countPayload(payload);
    table.free();
  });
  timed('wasm: encode lines as JSON', bytes, () => {
    for (const part of parts) kernel.encodeLines(part, { capacity: 2 * partBytes });
  });
  if (compiler.status === 0)
    timed('C: count words', bytes, () => run([`${folder}wordcount`, textPath], textPath));
  timed('wc -w', bytes, () => run(['wc', '-w'], textPath));
  if (round < 1 && has('mawk'))
    timed('mawk: count words', bytes, () => run([...measured, 'mawk', awkProgram], textPath));
}

// One table after the other: both halves counted apart, handed over, merged, ordered, written.
const distinctParts = partsOf(distinctPath);
const distinctBytes = statSync(distinctPath).size;
let memory = '';
for (let round = 0; round < 3; round++) {
  const before = process.memoryUsage().rss;
  const large = createWasmKernel();
  const table = large.createTable();
  timed('wasm: 5 M distinct words', distinctBytes, () => {
    for (const part of distinctParts) table.countWords(part);
  });
  memory ||= `peak +${Math.round((process.memoryUsage().rss - before) / 1048576)} MB`;
  timed('wasm: 5 M ordered by key', distinctBytes, () => table.order());
  timed('wasm: 5 M rows written', distinctBytes, () => {
    let written = 0;
    for (let row = 0; ;) {
      const part = table.rows(wordRows, row, partBytes, row > 0);
      written += part.bytes.length;
      row = part.next;
      if (part.done) return `${Math.round(written / 1e6)} MB`;
    }
  });
  let exported;
  timed('wasm: 5 M exported', distinctBytes, () => {
    exported = table.export();
    return `${Math.round(exported.byteLength / 1e6)} MB`;
  });
  timed('wasm: 5 M absorbed by a table that has them', distinctBytes, () => table.absorb(exported));
  const empty = createWasmKernel().createTable();
  timed('wasm: 5 M absorbed by an empty table', distinctBytes, () => empty.absorb(exported));
  timed('wasm: 5 M rows read back', distinctBytes, () => {
    const back = createWasmKernel().createTable();
    for (let row = 0; ;) {
      const part = table.rows(wordRows, row, partBytes);
      const reading = back.addRows(part.bytes, wordRows);
      if (reading.fault !== undefined) throw new Error(reading.fault.kind);
      row = part.next;
      if (part.done) return 'written and read';
    }
  });
}
rows.get('wasm: 5 M distinct words').note = memory;
if (has('mawk'))
  timed('mawk: 5 M distinct words', distinctBytes, () =>
    run([...measured, 'mawk', awkProgram], distinctPath),
  );

// A million lines of log by status, and a million objects by two keys: count, and sum of the bytes.
const logPath = `${folder}access.log`;
const objectsPath = `${folder}objects.ndjson`;
writeLog(logPath, 1_000_000);
writeObjects(objectsPath, 1_000_000);
const columns = { key: 9, values: [10] };
const fields = { groups: ['method', 'status'], values: ['bytes'] };
const logParts = partsOf(logPath);
const logPayloads = logParts.map((part) =>
  Buffer.from(kernel.encodeLines(part, { capacity: 4 * partBytes }).bytes),
);
const objectParts = partsOf(objectsPath);
for (let round = 0; round < rounds; round++) {
  const each = (name, path, list, add) =>
    timed(name, statSync(path).size, () => {
      const table = kernel.createTable({ values: 1 });
      for (const part of list) add(table, part);
      const note = `${table.size} groups`;
      table.free();
      return note;
    });
  each('wasm: log lines, sum by status', logPath, logParts, (table, part) => table.addLines(part, columns));
  each('wasm: log lines in JSON payloads', logPath, logPayloads, (table, part) =>
    table.addStrings(part, columns),
  );
  each('wasm: words of log lines in JSON payloads', logPath, logPayloads, (table, part) =>
    table.countPayload(part),
  );
  each('wasm: objects by two keys', objectsPath, objectParts, (table, part) =>
    table.addObjects(part, fields, 'lines'),
  );
  if (round < 2 && has('mawk'))
    timed('mawk: log lines, sum by status', statSync(logPath).size, () =>
      run(['mawk', '{c[$9]++;s[$9]+=$10}END{for(k in c)print k,c[k],s[k]}'], logPath),
    );
}

console.log(`start ${startMs.toFixed(1)} ms`);
console.log(`${'work'.padEnd(46)}${'MB/s'.padStart(7)}${'best ms'.padStart(9)}${'median'.padStart(8)}  note`);
for (const { name, size, best, all, note } of rows.values()) {
  const median = all.toSorted((left, right) => left - right)[all.length >> 1];
  const rate = (size / 1000 / best).toFixed(0);
  console.log(
    `${name.padEnd(46)}${rate.padStart(7)}${best.toFixed(0).padStart(9)}${median.toFixed(0).padStart(8)}  ${note}`,
  );
}
