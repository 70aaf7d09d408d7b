// A real PostgreSQL on loopback: a cluster of its own in a temporary folder, on a port of its own.
import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** Who has to log in. */
export const user = { name: 'alice', password: 'alice: secret\\' };

/** Debian keeps each version in a folder, of which none is in the path. */
function programs() {
  const versions = '/usr/lib/postgresql';
  const folders = existsSync(versions)
    ? readdirSync(versions).map((version) => join(versions, version, 'bin'))
    : [];
  return [...folders, ...(process.env.PATH ?? '').split(':')].findLast((folder) =>
    existsSync(join(folder, 'initdb')),
  );
}

/** What is missing for a cluster; undefined where nothing is. */
export function missingForPostgres() {
  return programs() ? undefined : 'PostgreSQL is not installed (apt-get install postgresql)';
}

/** PostgreSQL does not run as root. */
function owner() {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] =
    users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(uid), gid: Number(gid) };
}

/** @param {{ durable?: boolean, hasTls?: boolean }} [options] */
export async function startCluster({ durable = false, hasTls = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'));
  const cluster = new Cluster(folder, await freePort());
  try {
    cluster.create({ fsync: durable ? 'on' : 'off', max_connections: 40, ssl: hasTls ? 'on' : 'off' });
    if (hasTls) cluster.makeCertificate();
    await cluster.start();
    await cluster.query(`CREATE ROLE ${user.name} LOGIN PASSWORD '${user.password}'`);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class Cluster {
  #wrapper;
  #owner = owner();
  #programs = programs();

  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
    this.address = `postgres://postgres@127.0.0.1:${port}/postgres`;
    this.data = join(folder, 'data');
    this.log = join(folder, 'server.log');
    this.pid = 0;
  }

  create(settings) {
    if (this.#owner.uid !== undefined) chownSync(this.folder, this.#owner.uid, this.#owner.gid);
    const options = [
      '-D',
      this.data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ];
    execFileSync(join(this.#programs, 'initdb'), options, {
      stdio: 'pipe',
      cwd: this.folder,
      ...this.#owner,
    });
    const lines = Object.entries({
      listen_addresses: '127.0.0.1',
      port: this.port,
      unix_socket_directories: this.folder,
      ...settings,
    });
    appendFileSync(
      join(this.data, 'postgresql.conf'),
      lines.map(([name, value]) => `${name} = '${value}'\n`).join(''),
    );
    const hba = join(this.data, 'pg_hba.conf');
    writeFileSync(
      hba,
      `host all ${user.name} 127.0.0.1/32 scram-sha-256\nhostssl all guest 127.0.0.1/32 trust\nhost all guest 127.0.0.1/32 reject\n${readFileSync(hba, 'utf8')}`,
    );
  }

  /** One for 127.0.0.1 that no authority has signed. */
  makeCertificate() {
    this.certificate = join(this.data, 'server.crt');
    const options = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '365',
      '-subj',
      '/CN=127.0.0.1',
    ];
    options.push(
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      join(this.data, 'server.key'),
      '-out',
      this.certificate,
    );
    execFileSync('openssl', options, { stdio: 'pipe', cwd: this.folder, ...this.#owner });
    chmodSync(join(this.data, 'server.key'), 0o600);
    if (this.#owner.uid !== undefined)
      chownSync(join(this.data, 'server.key'), this.#owner.uid, this.#owner.gid);
  }

  /** With the data that it has. Whoever started it takes it along when it dies, however that comes. */
  async start() {
    const line =
      'log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!; cat >/dev/null; kill -QUIT $! 2>/dev/null; wait';
    this.#wrapper = spawn(
      'sh',
      ['-c', line, 'sh', this.log, join(this.#programs, 'postgres'), '-D', this.data],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        detached: true,
        cwd: this.folder,
        ...this.#owner,
      },
    );
    const [pid] = await once(this.#wrapper.stdout, 'data');
    this.pid = Number(String(pid).trim());
    for (const deadline = Date.now() + 60_000; ; await sleep(20)) {
      try {
        await this.query('SELECT 1');
        return;
      } catch (error) {
        if (Date.now() < deadline) continue;
        throw new Error(`PostgreSQL does not start: ${readFileSync(this.log, 'utf8').slice(-2000)}`, {
          cause: error,
        });
      }
    }
  }

  /** At once, without a good-bye to anybody: what was not committed is gone. */
  async kill() {
    const wrapper = this.#wrapper;
    if (!wrapper) return;
    this.#wrapper = undefined;
    const ended = once(wrapper, 'exit');
    wrapper.stdin.end();
    await ended;
    while (await takesConnections(this.port)) await sleep(10);
  }

  async restart() {
    await this.kill();
    await this.start();
  }

  /** Rows of the last statement, each as a list of texts. */
  async query(statement, address = this.address) {
    const client = new Client({
      connectionString: address,
      types: { getTypeParser: () => (text) => text },
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const results = [await client.query({ text: statement, rowMode: 'array' })].flat();
      return results.at(-1).rows;
    } finally {
      await client.end();
    }
  }

  async stop() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function takesConnections(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Below those that the system gives to connections: a server that is restarted finds its own free. */
async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    server.close();
    if (isFree) return port;
  }
}
