// The inputs, written once and kept in the temporary folder of the system. A folder's name holds a hash of the
// generators, so that a changed generator never meets its old files.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAccessLog, writeOrders } from './records.js';
import { writeKeys, writeText } from './text.js';

/** All inputs grow with the size of the text, in MB; at this one there are 5 million keys and 1 million records, and 1 GB of
 * the combined log. */
export const defaultSize = 200;

/** @typedef {import('./digest.js').Summary} Summary */

/** @type {Record<string, { file: string, write: (path: string, size: number) => Summary }>} */
const generators = {
  text: { file: 'text.txt', write: (path, size) => writeText(path, size * 1e6) },
  keys: { file: 'keys.txt', write: (path, size) => writeKeys(path, size * 25_000) },
  accessLog: { file: 'access.log', write: (path, size) => writeAccessLog(path, size * 5000) },
  combined: { file: 'combined.log', write: (path, size) => writeAccessLog(path, size * 42_000) },
  orders: { file: 'orders.ndjson', write: (path, size) => writeOrders(path, size * 5000) },
};

/** @param {number} size in MB */
export function inputFolder(size) {
  const hash = createHash('sha256');
  for (const file of ['text.js', 'records.js', 'random.js', 'byte-writer.js', 'digest.js']) {
    hash.update(readFileSync(new URL(file, import.meta.url)));
  }
  return join(tmpdir(), 'sluice-bench', `${hash.digest('hex').slice(0, 8)}-${size}`);
}

/**
 * Writes an input unless it is there.
 * @param {string} folder
 * @param {string} name
 * @param {number} size in MB
 * @returns {{ file: string, bytes: number, expected: Summary }}
 */
export function prepareInput(folder, name, size) {
  const generator = generators[name];
  if (!generator) throw new Error(`there is no input '${name}'`);
  const path = join(folder, generator.file);
  const reference = `${path}.expected.json`;
  if (!existsSync(reference)) {
    mkdirSync(folder, { recursive: true });
    // Under its own name only when it is whole: an interrupted run leaves no half input behind.
    const unfinished = `${path}.${process.pid}`;
    const expected = generator.write(unfinished, size);
    renameSync(unfinished, path);
    writeFileSync(reference, JSON.stringify(expected));
  }
  return {
    file: generator.file,
    bytes: statSync(path).size,
    expected: JSON.parse(readFileSync(reference, 'utf8')),
  };
}
