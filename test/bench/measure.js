// Runs commands in turns (A B C A B C …), so that whatever else the machine does hits all of them alike, and keeps
// what each run took: wall time here, CPU time and memory from GNU time, which waits for the shell and all it started.
import { spawnSync } from 'node:child_process';

/**
 * @typedef {object} Run
 * @property {number} wall seconds of the whole process, or pipeline
 * @property {number | undefined} cpu user and system seconds, children included
 * @property {number | undefined} peak resident MB of the largest process
 * @property {number | undefined} query seconds a program reported for its work without its start
 */

/** @typedef {{ cwd: string, env: NodeJS.ProcessEnv }} Place */
/** @typedef {{ command: string, isSlow?: boolean }} Timed */

// Node forks before it runs a program, and Linux counts the memory of the fork as the program's own. GNU time forks
// once more, from a small process, so its figure is free of that.
const wrapper = ['/usr/bin/time', '-q', '-f', 'usage %U %S %M'];
const hasWrapper = spawnSync('/usr/bin/time', ['-f', '%M', 'true']).status === 0;

/** @param {string} command @param {Place} place @returns {Run} */
function runOnce(command, place) {
  const shell = ['bash', '-o', 'pipefail', '-c', command];
  const [program = '', ...values] = hasWrapper ? [...wrapper, ...shell] : shell;
  const start = performance.now();
  const { status, stderr } = spawnSync(program, values, {
    ...place,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`exit code ${String(status)} from: ${command}\n${stderr}`);
  const usage = /^usage (\S+) (\S+) (\d+)$/m.exec(stderr);
  const query = /^query (\S+)$/m.exec(stderr);
  return {
    wall,
    cpu: usage ? Number(usage[1]) + Number(usage[2]) : undefined,
    peak: usage ? (Number(usage[3]) * 1024) / 1e6 : undefined,
    query: query ? Number(query[1]) : undefined,
  };
}

/**
 * @template {Timed} Row
 * @param {readonly Row[]} rows
 * @param {number} rounds
 * @param {Place} place
 * @param {(text: string) => void} say
 * @returns {Map<Row, Run[]>} the runs of each row; a slow row has one
 */
export function measureInTurns(rows, rounds, place, say) {
  /** @type {Map<Row, Run[]>} */
  const results = new Map(rows.map((row) => [row, []]));
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const [row, runs] of results) {
      if (round === 1 || !row.isSlow) runs.push(runOnce(row.command, place));
    }
  }
  return results;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * How many times as long as another row, round by round: what slowed the machine down in a round slowed both.
 * @param {readonly number[]} own
 * @param {readonly number[]} other
 */
export function medianRatio(own, other) {
  const rounds = Math.min(own.length, other.length);
  return median(Array.from({ length: rounds }, (_, round) => (own[round] ?? 0) / (other[round] ?? 1)));
}
