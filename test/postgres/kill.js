// Kills stages of pipelines into databases at random moments, and the PostgreSQL server too, runs the line again until it is
// through, and compares what is in the table with what has to be.
//
//   node test/postgres/kill.js [--kills 100] [--seed 1] [--only sqlite|postgres] [--form shell|run]
import { DatabaseSync } from '@photostructure/sqlite';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '../bench/random.js';
import { disturbed } from '../faults/kill.js';
import { startCluster } from './cluster.js';

const program = resolve(import.meta.dirname, '../../bin/sluice.js');
const lines = 24_000;
const batch = 'batch --records 250 --checkpoint 60ms';

/** Into a table that is added to, one with a row for each key, and one of which the newest counts. */
export const pipelines = [
  { name: 'append', stages: [batch], options: '' },
  {
    name: 'upsert',
    stages: [batch, 'reduce --words --running --emit changed'],
    options: ' --mode upsert --key word',
  },
  { name: 'replace', stages: [batch, 'reduce --words --running'], options: ' --mode replace' },
];

function lineOf({ stages, options }, sink, form) {
  const all = ['ingest in.txt', ...stages, `emit ${sink} --table t${options}`];
  return form === 'run'
    ? `sluice run '${all.join(' | ')}'`
    : all.map((stage) => `sluice ${stage}`).join(' | ');
}

/** The input, and the rows that have to be there in the end, in order. */
function makeTexts({ name }, random) {
  const counts = new Map();
  const texts = Array.from({ length: lines }, (_, index) => {
    const words = Array.from({ length: 3 }, () => `w${Math.floor(random() ** 3 * 200)}`);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return name === 'append' ? `${String(index).padStart(6, '0')} ${words[0]}` : words.join(' ');
  });
  const rows =
    name === 'append' ? texts : Array.from(counts, ([word, count]) => `${word} ${count}`).toSorted();
  return { text: `${texts.join('\n')}\n`, rows };
}

/** A fresh place for each round, and what is in its table. */
async function sqlitePlace(folder) {
  return {
    sink: 'sqlite:r.db',
    rows() {
      const database = new DatabaseSync(join(folder, 'r.db'), { readOnly: true });
      const rows = database.prepare('SELECT * FROM t').all();
      database.close();
      return rows.map((row) => Object.values(row).join(' ')).toSorted();
    },
  };
}

async function postgresPlace(cluster) {
  await cluster.query('DROP TABLE IF EXISTS t, _sluice');
  return {
    sink: cluster.address,
    rows: async () => (await cluster.query('SELECT * FROM t')).map((row) => row.join(' ')).toSorted(),
  };
}

function difference(actual, expected) {
  const at = expected.findIndex((row, index) => row !== actual[index]);
  if (at === -1 && actual.length === expected.length) return undefined;
  return `${actual.length} rows for ${expected.length}, the first other one is '${actual[at]}' for '${expected[at]}'`;
}

/** A function that runs a pipeline once, with kills; those of the server do not count. */
export function makeTrials(cluster, folder, random) {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  symlinkSync(program, join(folder, 'bin', 'sluice'));
  let rounds = 0;
  return async (pipeline, target, form, mostKills) => {
    const work = join(folder, `round-${(rounds += 1)}`);
    mkdirSync(work);
    const { text, rows } = makeTexts(pipeline, random);
    writeFileSync(join(work, 'in.txt'), text);
    const place = target === 'sqlite' ? await sqlitePlace(work) : await postgresPlace(cluster);
    const over = new AbortController();
    const restarting = (async () => {
      while (!over.signal.aborted) {
        await sleep(200 + random() * 1500);
        if (target === 'postgres' && !over.signal.aborted) await cluster.restart();
      }
    })();
    const { kills, problem } = await disturbed(
      lineOf(pipeline, place.sink, form),
      work,
      random,
      1200,
      mostKills,
    );
    over.abort();
    await restarting;
    return { kills, problem: problem ?? difference(await place.rows(), rows) };
  };
}

async function main() {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      form: { type: 'string' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-database-kills-'));
  const cluster = await startCluster();
  const started = performance.now();
  const trial = makeTrials(cluster, folder, createRandom(Number(values.seed)));
  let differences = 0;
  for (const target of values.only ? [values.only] : ['sqlite', 'postgres']) {
    let [kills, rounds] = [0, 0];
    while (kills < Number(values.kills) && differences < 5) {
      for (const pipeline of pipelines) {
        for (const form of values.form ? [values.form] : ['shell', 'run']) {
          const outcome = await trial(pipeline, target, form, 10);
          kills += outcome.kills;
          rounds += 1;
          if (!outcome.problem) continue;
          differences += 1;
          console.log(`${target}, ${pipeline.name}, ${form}, round ${rounds}: ${outcome.problem}`);
        }
      }
    }
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(
      `${target}: ${kills} kills, ${rounds} runs brought to their end, ${differences} differences, ${seconds} s`,
    );
  }
  await cluster.stop();
  if (differences === 0) rmSync(folder, { recursive: true });
  process.exitCode = differences === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) await main();
