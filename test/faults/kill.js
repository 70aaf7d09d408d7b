// Kills stages at random moments, runs the line again until it is through, and compares what the sink holds with what an
// undisturbed run gives, byte for byte.
//
//   node test/faults/kill.js [--kills 1000] [--seed 1] [--only NAME] [--form shell|run] [--size 1]
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../bench/random.js';
import { lineOf, makeInputs, pipelines, sinkContent } from './pipelines.js';

const program = resolve(import.meta.dirname, '../../bin/sluice.js');

/** A line of bash whose processes are a group of their own. Resolves to how its commands ended. */
export function start(line, folder) {
  const script = `${line}\necho "\${PIPESTATUS[*]}" > exits`;
  const child = spawn('bash', ['-c', script], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: `${join(folder, '..', 'bin')}:${process.env.PATH}`,
      SLUICE_STATE: 'state',
      LC_ALL: 'C.UTF-8',
    },
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const ended = new Promise((done) => {
    child.once('exit', () => {
      const exits = readFileSync(join(folder, 'exits'), 'utf8').trim().split(' ').map(Number);
      done({ exits, said });
    });
  });
  return { group: child.pid, ended };
}

/** The sluice processes of a group. */
function stagesOf(group) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return Number(fields[2]) === group && words.some((word) => word.endsWith('/bin/sluice'));
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Kills one stage of a line that runs, if there is one still. */
function killOne(group, random) {
  const stages = stagesOf(group);
  const victim = stages[Math.floor(random() * stages.length)];
  if (victim === undefined) return false;
  try {
    process.kill(victim, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

/**
 * Runs `line` again and again, each time with a kill, until it gets through; at most `mostKills` times with one.
 * Returns how many kills there were and what went wrong.
 */
export async function disturbed(line, folder, random, span, mostKills) {
  let kills = 0;
  for (let attempt = 1; ; attempt += 1) {
    const { group, ended } = start(line, folder);
    let killed = false;
    if (kills < mostKills) {
      await Promise.race([sleep(random() * span), ended]);
      killed = killOne(group, random);
      if (killed) kills += 1;
    }
    const { exits, said } = await ended;
    if (exits.every((code) => code === 0)) return { kills };
    if (!killed) return { kills, problem: `attempt ${attempt} ended with ${exits.join(' ')}: ${said}` };
    if (/bug in sluice/.test(said)) return { kills, problem: `attempt ${attempt}: ${said}` };
  }
}

/** One pipeline in one form: an undisturbed run, then rounds of kills. */
export async function makeTrial(pipeline, form, inputs) {
  const folderFor = (name) => {
    const folder = join(inputs, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const file of readdirSync(join(inputs, 'input')))
      symlinkSync(join(inputs, 'input', file), join(folder, file));
    return folder;
  };
  const line = lineOf(pipeline, form);
  const calm = folderFor('calm');
  if (pipeline.prepare && !existsSync(join(inputs, 'input', 'right.env'))) {
    await start(pipeline.prepare.replaceAll('sluice', 'SLUICE_STATE= sluice'), calm).ended;
    cpSync(join(calm, 'right.env'), join(inputs, 'input', 'right.env'));
  }
  const started = performance.now();
  const { exits, said } = await start(line, calm).ended;
  if (exits.some((code) => code !== 0)) throw new Error(`${line}: ${exits.join(' ')} ${said}`);
  const span = performance.now() - started;
  const expected = sinkContent(pipeline, calm);
  let rounds = 0;
  return async (random, mostKills) => {
    const folder = folderFor(`killed-${(rounds += 1)}`);
    const { kills, problem } = await disturbed(line, folder, random, span, mostKills);
    if (problem) return { kills, problem };
    const actual = sinkContent(pipeline, folder);
    if (!actual.equals(expected)) {
      const at = actual.findIndex((byte, index) => byte !== expected[index]);
      const place = `${actual.length} bytes for ${expected.length}, different from byte ${at} on`;
      return { kills, problem: `the sink differs: ${place} (kept in ${folder})` };
    }
    rmSync(folder, { recursive: true });
    return { kills };
  };
}

export function makeFolder(size) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
  mkdirSync(join(folder, 'input'));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(program, join(folder, 'bin', 'sluice'));
  makeInputs(join(folder, 'input'), size);
  return folder;
}

async function main() {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      form: { type: 'string' },
      size: { type: 'string', default: '1' },
    },
  });
  const random = createRandom(Number(values.seed));
  const inputs = makeFolder(Number(values.size));
  const chosen = pipelines.filter(({ name }) => !values.only || name === values.only);
  const forms = values.form ? [values.form] : ['shell', 'run'];
  const share = Math.ceil(Number(values.kills) / (chosen.length * forms.length));
  const started = performance.now();
  let [kills, rounds, differences] = [0, 0, 0];
  for (const pipeline of chosen) {
    for (const form of forms) {
      const trial = await makeTrial(pipeline, form, inputs);
      for (let done = 0; done < share;) {
        const outcome = await trial(random, Math.min(8, share - done));
        done += outcome.kills;
        kills += outcome.kills;
        rounds += 1;
        if (!outcome.problem) continue;
        differences += 1;
        console.log(`${pipeline.name}, ${form}: ${outcome.problem}`);
        if (differences > 5) process.exit(1);
      }
      console.log(`${pipeline.name}, ${form}: ${kills} kills in ${rounds} rounds so far`);
    }
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `${kills} kills, ${rounds} runs brought to their end, ${differences} differences, ${seconds} s, seed ${values.seed}`,
  );
  if (differences === 0) rmSync(inputs, { recursive: true });
  process.exitCode = differences === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) await main();
