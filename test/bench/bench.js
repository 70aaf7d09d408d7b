// `npm run bench -- [--only NAME] [--size MB] [--runs N]`: measures sluice beside its peers, and keeps the tables in
// results/. README.md beside it says how to read them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findFault } from './check.js';
import { defaultSize, inputFolder, prepareInput } from './inputs.js';
import { measureInTurns } from './measure.js';
import { works } from './peers.js';
import { reportMachine, reportWork } from './report.js';
import { findTools } from './tools.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    size: { type: 'string', default: String(defaultSize) },
    runs: { type: 'string', default: '5' },
  },
});
const size = Number(values.size);
const rounds = Number(values.runs);
const chosen = works.filter(({ name }) => values.only?.includes(name) ?? true);
const isUsable = Number.isInteger(size) && size > 0 && Number.isInteger(rounds) && rounds > 0;
if (!isUsable || chosen.length < (values.only?.length ?? 1)) {
  process.stderr.write(
    'usage: npm run bench -- [--only NAME]… [--size MB] [--runs N]\n' +
      `NAME is one of ${works.map(({ name }) => name).join(', ')}; MB and N are whole numbers from 1.\n`,
  );
  process.exit(2);
}

const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);

/** @param {string[]} options */
const git = (options) => execFileSync('git', options, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
// Results themselves are no change of what is measured.
const isChanged = git(['status', '--porcelain', '--', ':/', ':!/test/bench/results']) !== '';
const machine = {
  date: new Date().toISOString().slice(0, 10),
  commit: git(['rev-parse', '--short', 'HEAD']) + (isChanged ? '-changed' : ''),
  processor: cpus()[0]?.model.trim() ?? 'unknown processor',
  cores: cpus().length,
  memory: Math.round(totalmem() / 1e9),
  system: `${platform()} ${release().split('-')[0]} ${arch()}`,
};

/** @param {import('./peers.js').Work} work @param {import('./tools.js').Tools} tools */
async function runWork(work, tools) {
  const folder = inputFolder(size);
  const { bytes, expected } = prepareInput(folder, work.input, size);
  const place = { cwd: folder, env: tools.env };
  const rows = [];
  const leftOut = [];
  for (const row of work.rows) {
    if (!tools.versions.has(row.needs)) {
      leftOut.push(`${row.name}: not installed`);
      continue;
    }
    say(`${work.name}: checking ${row.name}`);
    const fault = await findFault(row, work, expected, place);
    if (fault === undefined) rows.push(row);
    else leftOut.push(`${row.name}: ${fault}`);
    if (fault !== undefined && !row.mayBeMissing) process.exitCode = 1;
  }
  const results = measureInTurns(rows, work.runs ?? rounds, place, (text) => say(`${work.name}: ${text}`));
  return reportWork(work, bytes, results, leftOut);
}

const tools = findTools();
process.on('exit', tools.remove);
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const name = [
  machine.date,
  machine.commit,
  ...(values.only ?? []),
  ...(size === defaultSize ? [] : [`${size}MB`]),
].join('-');
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const parts = [reportMachine(machine, tools.versions)];
for (const work of chosen) {
  parts.push(await runWork(work, tools));
  process.stdout.write(`${parts.at(-1) ?? ''}\n\n`);
  // After each work, so that an interrupted run keeps what it has measured.
  writeFileSync(join(results, `${name}.md`), `${parts.join('\n\n')}\n`);
}
say(`kept in test/bench/results/${name}.md`);
