// A log that is written to and rotated all the time, followed by a job that keeps state: nothing is lost or doubled, all comes
// in order, and neither memory nor open files grow.
//
//   node test/faults/soak.js [MINUTES] [--rate 5000] [--rotate 20]
import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const program = resolve(import.meta.dirname, '../../bin/sluice.js');
const line = 'sluice ingest --follow app.log | sluice batch 1s | sluice emit out.ndjson';
/** So many rotated logs are kept. */
const kept = 5;

/** Writes `rate` numbered lines a second, and rotates the log in turns by renaming and by copying and emptying it. */
class Writer {
  #path;
  #file;
  #rotations = 0;
  written = 0;

  constructor(path) {
    this.#path = path;
    this.#file = openSync(path, 'a');
  }

  write(count) {
    let text = '';
    for (let index = 0; index < count; index += 1, this.written += 1)
      text += `2026-03-01T00:00:00Z ${this.written} GET /some/path/of/usual/length 200 1234\n`;
    // In two pieces, so that a reader comes upon lines that are half written.
    const half = text.length >> 1;
    writeSync(this.#file, text.slice(0, half));
    writeSync(this.#file, text.slice(half));
  }

  rotate() {
    const name = (number) => `${this.#path}.${number}`;
    rmSync(name(kept), { force: true });
    for (let number = kept - 1; number > 0; number -= 1)
      if (existsSync(name(number))) renameSync(name(number), name(number + 1));
    this.#rotations += 1;
    if (this.#rotations % 4 === 0) {
      copyFileSync(this.#path, name(1));
      ftruncateSync(this.#file);
      return;
    }
    renameSync(this.#path, name(1));
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a');
  }
}

/** The process of a stage, by its name. */
function stageOf(group, name) {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .find((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return (
          Number(fields[2]) === group &&
          words.some((word) => word.endsWith('/bin/sluice')) &&
          words.includes(name)
        );
      } catch {
        return false;
      }
    });
}

function sizeOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    files: readdirSync(`/proc/${pid}/fd`).length,
    mebibytes: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024),
  };
}

/** Resolves to what was found: lines written, read, out of order, and what `ingest` and `batch` took over time. */
export async function soak({ seconds, rate = 5000, rotateEvery }) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(program, join(folder, 'bin/sluice'));
  const writer = new Writer(join(folder, 'app.log'));
  writer.write(1);
  const child = spawn(
    'bash',
    ['-c', `trap : INT TERM\n${line}\nexit $(IFS=+; echo $((\${PIPESTATUS[*]})))`],
    {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PATH: `${folder}/bin:${process.env.PATH}`, SLUICE_STATE: 'state' },
    },
  );
  const group = child.pid ?? 0;
  const ended = new Promise((done) => child.once('exit', done));
  try {
    while (!stageOf(group, 'emit')) await sleep(20);
    await sleep(1500);
    const stages = ['ingest', 'batch', 'emit'].map((name) => [name, stageOf(group, name)]);
    const sizes = [];
    const began = performance.now();
    let rotated = 0;
    for (;;) {
      const elapsed = (performance.now() - began) / 1000;
      if (elapsed >= seconds) break;
      writer.write(Math.max(0, Math.round(elapsed * rate) - writer.written));
      if (elapsed >= (rotated + 1) * rotateEvery) {
        writer.rotate();
        rotated += 1;
        sizes.push(Object.fromEntries(stages.map(([name, pid]) => [name, sizeOf(pid)])));
      }
      await sleep(20);
    }
    await sleep(2000);
    process.kill(-group, 'SIGTERM');
    const exit = await ended;
    const { read, wrong } = await compare(join(folder, 'out.ndjson'));
    return { written: writer.written, read, wrong, rotated, exit, sizes };
  } finally {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended.
    }
    rmSync(folder, { recursive: true });
  }
}

/** Lines that are not the one after the line before. */
async function compare(path) {
  let read = 0;
  let wrong = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    if (Number(text.split(' ')[1]) !== read) wrong += 1;
    read += 1;
  }
  return { read, wrong };
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rate: { type: 'string', default: '5000' }, rotate: { type: 'string', default: '20' } },
  });
  const seconds = Number(positionals[0] ?? 20) * 60;
  const { sizes, ...found } = await soak({
    seconds,
    rate: Number(values.rate),
    rotateEvery: Number(values.rotate),
  });
  const step = Math.max(1, Math.floor(sizes.length / 10));
  for (const [index, size] of sizes.entries())
    if (index % step === 0 || index === sizes.length - 1)
      console.log(
        `rotation ${index + 1}: ${Object.entries(size)
          .map(([name, { files, mebibytes }]) => `${name} ${files} files ${mebibytes} MiB`)
          .join(', ')}`,
      );
  console.log(JSON.stringify(found));
  process.exitCode = found.wrong > 0 || found.read !== found.written || found.exit !== 0 ? 1 : 0;
}
