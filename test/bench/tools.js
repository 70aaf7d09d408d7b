// Which programs are here, in which version, and the folder on the PATH that holds our own: `sluice` of this clone,
// `wordcount` and `duckdb-query`. Nothing is installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How each program tells its version; GNU time measures, the others are measured. */
const versionCommands = {
  sluice: 'sluice --version',
  node: 'node --version',
  mawk: 'mawk -W version 2>&1 </dev/null',
  gawk: 'gawk --version',
  sort: 'sort --version',
  wc: 'wc --version',
  jq: 'jq --version',
  mlr: 'mlr --version',
  goaccess: 'goaccess --version',
  agrind: 'agrind --version',
  'duckdb-query': 'duckdb-query 2>/dev/null | cat',
  wordcount: 'gcc --version',
};

/** @typedef {keyof typeof versionCommands} Program */
/** @typedef {{ env: NodeJS.ProcessEnv, versions: Map<string, string>, remove: () => void }} Tools */

/** @param {string} file */
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** @returns {Tools} */
export function findTools() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-bin-'));
  symlinkSync(here('../../bin/sluice.js'), join(folder, 'sluice'));
  symlinkSync(here('duckdb.js'), join(folder, 'duckdb-query'));
  // -O3 -march=native: the C program is to be as fast as this machine lets it be.
  const compiler = ['-O3', '-march=native', '-o', join(folder, 'wordcount'), here('wordcount.c')];
  const isCompiled = spawnSync('gcc', compiler).status === 0;

  // Bytes, not characters, for everyone; it makes sort, wc and gawk several times faster.
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC', PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  // A matter of the machine: where it is set, each Node reads a bundle of certificates before anything else, for 40 ms.
  delete env.NODE_EXTRA_CA_CERTS;
  /** @type {Map<string, string>} */
  const versions = new Map();
  for (const [program, command] of Object.entries(versionCommands)) {
    if (program === 'wordcount' && !isCompiled) continue;
    const { status, stdout } = spawnSync('bash', ['-c', command], { env, encoding: 'utf8' });
    const version = stdout.split('\n')[0]?.trim();
    if (status === 0 && version) versions.set(program, version);
  }
  return { env, versions, remove: () => rmSync(folder, { recursive: true }) };
}
