// Kafka itself, from its Maven artifacts: fetched once, into node_modules/.cache.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

const pom = join(import.meta.dirname, 'pom.xml');
const cache = resolve(import.meta.dirname, '../../node_modules/.cache/kafka');

/** What is missing to run a broker, in words, or undefined. */
export function missingForKafka() {
  for (const program of ['java', 'mvn'])
    if (spawnSync(program, ['-version'], { stdio: 'ignore' }).status !== 0)
      return `${program} is not installed`;
  return undefined;
}

/** The class path of a broker and its tools. Fetches them where they are not there yet. */
export function kafkaClassPath() {
  // A folder for each version of the list: a changed one is fetched anew.
  const folder = join(cache, createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12));
  if (!existsSync(folder)) {
    const part = `${folder}.${process.pid}.part`;
    mkdirSync(part, { recursive: true });
    execFileSync(
      'mvn',
      ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${part}`],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    try {
      renameSync(part, folder);
    } catch (error) {
      // Another process was as fast.
      if (!existsSync(folder)) throw error;
      rmSync(part, { recursive: true });
    }
  }
  return join(folder, '*');
}
