// Is a command's result right? Asked once for each, before anything is timed; it warms the caches up as well.
import { spawn } from 'node:child_process';
import { digestRows } from './read-rows.js';

const wrongUse = 2;

/**
 * @param {import('./peers.js').Row} row
 * @param {import('./peers.js').Work} work
 * @param {import('./digest.js').Summary} expected
 * @param {import('./measure.js').Place} place
 * @returns {Promise<string | undefined>} why the row cannot be timed
 */
export async function findFault(row, work, expected, place) {
  // Behind `cat`, since what Node opens for a child is a socket, and no program can open /dev/stdout on one.
  const shell = spawn('bash', ['-o', 'pipefail', '-c', `( ${row.command} ) | cat`], {
    ...place,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  shell.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  const ended = new Promise((resolve) => {
    shell.on('close', resolve);
  });
  shell.stdout.setEncoding('latin1');
  const reading = row.format ? digestRows(shell.stdout, row.format, work.keys, work.values) : undefined;
  if (!reading) shell.stdout.resume();
  // A program that failed may have printed what is no result at all; then its exit code says more.
  const found = await reading?.catch((/** @type {unknown} */ error) => String(error));
  const status = await ended;

  if (row.mayBeMissing && status === wrongUse) return 'not in this version';
  if (status !== 0) return `exit code ${String(status)}: ${complaint.trim().split('\n')[0]}`;
  if (found === undefined) return undefined;
  if (typeof found === 'string') return found;
  const isRight =
    found.total === expected.total &&
    (row.format === 'total' || (found.rows === expected.rows && found.hash === expected.hash));
  return isRight
    ? undefined
    : `wrong result: ${found.rows} rows, ${found.total} in all instead of ${expected.rows}, ${expected.total}`;
}
