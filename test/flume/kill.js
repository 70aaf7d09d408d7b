// Sends events through a real Flume agent into a job that keeps state, kills stages of the job, or the agent, at random moments, runs
// them again, and looks which events are there in the end.
//
//   node test/flume/kill.js [--events 500000] [--kills 20] [--channel memory|file] [--agent-kills 0] [--dedup] [--seed 1]
import { spawn } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '../bench/random.js';
import { freePorts } from '../helpers/java.js';
import { startAgent } from './agent.js';

const program = resolve(import.meta.dirname, '../../bin/sluice.js');
const linesAtOnce = 1000;

/**
 * @typedef {object} Trial
 * @property {number} events
 * @property {number} kills of stages of the job
 * @property {number} agentKills
 * @property {'memory' | 'file'} channel a memory channel is fed by a socket, a file channel by a file that is followed
 * @property {boolean} dedups events that come twice are left out
 * @property {number} [span] milliseconds that a stage lives at most
 * @property {() => number} random
 */

/** @param {Trial} trial */
export async function runTrial({ events, kills, agentKills, channel, dedups, span = 1500, random }) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-flume-kills-'));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(program, join(folder, 'bin', 'sluice'));
  const [to] = await freePorts(1);
  const source = channel === 'file' ? 'taildir' : 'netcat';
  const agent = await startAgent({ to, channel, source, hasIds: true, sink: { 'batch-size': 500 } });
  const dedup = dedups ? ' --dedup-header id' : '';
  const line = `sluice ingest flume://:${to} --state state${dedup} | sluice batch 200ms | sluice emit out.ndjson`;
  const started = performance.now();
  try {
    const feeding = feed(agent, channel, events);
    let job = startJob(line, folder);
    for (let left = kills + agentKills; left > 0; left -= 1) {
      await sleep(500 + random() * span);
      if (left <= agentKills) {
        await agent.kill();
        await agent.start();
        continue;
      }
      await job.killOne(random);
      job = startJob(line, folder);
    }
    await feeding;
    await untilAllAreThere(join(folder, 'out.ndjson'), events, job);
    await job.stop();
    const seconds = (performance.now() - started) / 1000;
    return { ...(await countEvents(join(folder, 'out.ndjson'), events)), seconds, said: job.said() };
  } finally {
    await agent.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The number of an event is its first word. */
async function feed(agent, channel, events) {
  const texts = function* () {
    for (let first = 0; first < events; first += linesAtOnce) {
      const count = Math.min(linesAtOnce, events - first);
      yield Array.from({ length: count }, (_, index) => `${first + index} event of the test\n`).join('');
    }
  };
  if (channel === 'file') {
    for (const text of texts()) await appendFile(agent.followed, text);
    return;
  }
  const socket = connect(agent.port, '127.0.0.1');
  // It answers each line, and what is full answers FAILED and takes nothing.
  socket.resume();
  for (const text of texts())
    if (!socket.write(text)) await new Promise((wake) => socket.once('drain', wake));
  socket.end();
  await new Promise((wake) => socket.once('close', wake));
}

function startJob(line, folder) {
  const child = spawn('bash', ['-c', `trap : INT TERM\n${line}`], {
    cwd: folder,
    detached: true,
    env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes) => (said += bytes));
  const ended = new Promise((wake) => child.once('close', wake));
  return {
    said: () => said,
    async killOne(random) {
      const stages = stagesOf(child.pid);
      const victim = stages[Math.floor(random() * stages.length)];
      if (victim) process.kill(victim, 'SIGKILL');
      const isEnded = await Promise.race([ended.then(() => true), sleep(10_000)]);
      if (!isEnded) throw new Error(`a job goes on without one of its stages: ${said}`);
      if (/bug in sluice/.test(said)) throw new Error(said);
    },
    async stop() {
      process.kill(-Number(child.pid), 'SIGINT');
      await ended;
    },
  };
}

function stagesOf(group) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, , parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
        return Number(parent) === group && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sluice');
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== group);
}

async function untilAllAreThere(file, events, job) {
  for (const deadline = Date.now() + 120_000; ; await sleep(200)) {
    if (existsSync(file) && (await countEvents(file, events, true)).lost === 0) return;
    if (Date.now() > deadline) return;
    if (/bug in sluice/.test(job.said())) throw new Error(job.said());
  }
}

/** While it is still written, its last row may not be whole. */
async function countEvents(file, events, isWritten = false) {
  const seen = new Uint8Array(events);
  let [twice, there] = [0, 0];
  for await (const row of createInterface({ input: createReadStream(file) })) {
    const number = Number(/^"(\d+) event of the test"$/.exec(row)?.[1] ?? Number.NaN);
    if (!(number < events) && isWritten) continue;
    if (!(number < events)) throw new Error(`no event of ours: ${row}`);
    if (seen[number]) twice += 1;
    else there += 1;
    seen[number] = 1;
  }
  return { lost: events - there, twice };
}

async function main() {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '500000' },
      kills: { type: 'string', default: '20' },
      'agent-kills': { type: 'string', default: '0' },
      channel: { type: 'string', default: 'memory' },
      dedup: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
    },
  });
  const { lost, twice, seconds, said } = await runTrial({
    events: Number(values.events),
    kills: Number(values.kills),
    agentKills: Number(values['agent-kills']),
    channel: values.channel,
    dedups: values.dedup,
    random: createRandom(Number(values.seed)),
  });
  console.log(
    `${values.events} events, ${values.channel} channel, ${values.kills} kills of the job, ${values['agent-kills']} of the agent: ${lost} lost, ${twice} twice, ${Math.round(seconds)} s`,
  );
  if (said) console.log(said);
  process.exitCode = lost === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) await main();
