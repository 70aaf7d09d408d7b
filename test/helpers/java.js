// Java programs for tests, from their Maven artifacts: fetched once, into node_modules/.cache; nothing is compiled.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const storePassword = 'changeit';

/** For programs that live as long as a test. */
export const quickStart = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const cache = join(import.meta.dirname, '../../node_modules/.cache');

/** What is missing to run a Java program, in words, or undefined. */
export function missingForJava() {
  for (const program of ['java', 'mvn'])
    if (spawnSync(program, ['-version'], { stdio: 'ignore' }).status !== 0)
      return `${program} is not installed`;
  return undefined;
}

/** The class path of what a list of artifacts names. Fetches them where they are not there yet. */
export function classPathOf(pom, name) {
  // A folder for each version of the list: a changed one is fetched anew.
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(cache, name, version);
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

/** A Java program that whoever started it takes along when it dies, however that comes. */
export class JavaProgram {
  #log;
  #arguments;
  #wrapper;
  pid = 0;

  /** @param {string} log @param {string[]} options */
  constructor(log, options) {
    this.#log = log;
    this.#arguments = options;
  }

  async start() {
    const line =
      'log=$1; shift; java "$@" >>"$log" 2>&1 </dev/null & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null';
    const wrapper = spawn('sh', ['-c', line, 'sh', this.#log, ...this.#arguments], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    this.#wrapper = wrapper;
    const [pid] = await once(wrapper.stdout, 'data');
    this.pid = Number(String(pid).trim());
  }

  /** At once, as a crash does. */
  async kill() {
    const wrapper = this.#wrapper;
    if (!wrapper) return;
    this.#wrapper = undefined;
    const ended = once(wrapper, 'exit');
    wrapper.stdin.end();
    await ended;
    for (; isAlive(this.pid);) await sleep(10);
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function takesConnections(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Below those that the system gives to connections: who is restarted finds its own free. */
export async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    server.close();
    if (isFree) ports.add(port);
  }
  return [...ports];
}

/** A certificate for 127.0.0.1 that no authority has signed. */
export function makeStores(folder) {
  const keystore = join(folder, 'keystore.p12');
  const certificate = join(folder, 'certificate.pem');
  const keytool = (options) =>
    execFileSync(
      'keytool',
      [...options, '-keystore', keystore, '-storepass', storePassword, '-alias', 'server'],
      {
        stdio: ['ignore', 'ignore', 'ignore'],
      },
    );
  keytool([
    '-genkeypair',
    '-keyalg',
    'EC',
    '-storetype',
    'PKCS12',
    '-dname',
    'CN=127.0.0.1',
    '-validity',
    '365',
    '-ext',
    'san=ip:127.0.0.1,dns:localhost',
  ]);
  keytool(['-exportcert', '-rfc', '-file', certificate]);
  return { keystore, certificate };
}
