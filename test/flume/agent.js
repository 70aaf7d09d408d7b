// A real Flume agent on loopback, which sends what it is given on to an Avro source: that of `sluice ingest flume://`.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  classPathOf,
  freePorts,
  isAlive,
  JavaProgram,
  quickStart,
  storePassword,
  takesConnections,
} from '../helpers/java.js';

export const pom = join(import.meta.dirname, 'pom.xml');

/**
 * @typedef {object} AgentSettings
 * @property {number} to the port of the Avro source that it sends to
 * @property {'netcat' | 'taildir' | 'avro'} [source] lines of a socket, or of a file; or the other way round, a source that is sent to
 * @property {'memory' | 'file'} [channel]
 * @property {Record<string, string | number | boolean>} [sink] further settings of the sink
 * @property {Record<string, string | number | boolean>} [more] further settings of the source
 * @property {boolean} [hasIds] the first word of a line is in a header `id`
 */

/** @param {AgentSettings} settings */
export async function startAgent(settings) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-flume-'));
  const [port] = await freePorts(1);
  const agent = new Agent(folder, port, settings);
  await agent.start();
  return agent;
}

class Agent {
  #program;

  constructor(folder, port, settings) {
    this.folder = folder;
    /** Where its source listens, if it does. */
    this.port = port;
    this.settings = settings;
    /** What its TAILDIR source follows. */
    this.followed = join(folder, 'followed.log');
    /** Where a sink of type file_roll writes. */
    this.written = join(folder, 'written');
    this.log = join(folder, 'agent.log');
    mkdirSync(this.written);
    writeFileSync(this.followed, '');
    writeFileSync(this.log, '');
    writeFileSync(join(folder, 'flume.conf'), this.#configuration());
    writeFileSync(
      join(folder, 'log4j2.xml'),
      '<Configuration status="warn"><Appenders><Console name="out"><PatternLayout pattern="%d{HH:mm:ss,SSS} %p %c{1}: %m%n"/></Console></Appenders><Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers></Configuration>',
    );
  }

  async start() {
    this.#program = new JavaProgram(this.log, [
      '-Xmx400m',
      ...quickStart,
      `-Dlog4j.configurationFile=${join(this.folder, 'log4j2.xml')}`,
      '-cp',
      classPathOf(pom, 'flume'),
      'org.apache.flume.node.Application',
      '-n',
      'a',
      '-f',
      join(this.folder, 'flume.conf'),
      '--no-reload-conf',
    ]);
    await this.#program.start();
    for (const deadline = Date.now() + 60_000; !(await this.#isReady()); await sleep(50)) {
      if (isAlive(this.#program.pid) && Date.now() < deadline) continue;
      throw new Error(`Flume does not start: ${readFileSync(this.log, 'utf8').slice(-3000)}`);
    }
  }

  async kill() {
    await this.#program.kill();
    // What an earlier life says does not tell that the next one is ready.
    writeFileSync(this.log, '');
  }

  /** Everything is gone. */
  async stop() {
    await this.#program.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #isReady() {
    const { source = 'netcat' } = this.settings;
    if (source === 'taildir') return readFileSync(this.log, 'utf8').includes('type: SOURCE, name: s started');
    return takesConnections(this.port);
  }

  #configuration() {
    const { source = 'netcat', channel = 'memory', to, sink = {}, more = {}, hasIds = false } = this.settings;
    const sources = {
      netcat: { type: 'netcat', bind: '127.0.0.1', port: this.port, 'max-line-length': 100_000 },
      taildir: {
        type: 'TAILDIR',
        filegroups: 'f',
        'filegroups.f': this.followed,
        positionFile: join(this.folder, 'positions.json'),
        batchSize: 1000,
      },
      avro: { type: 'avro', bind: '127.0.0.1', port: this.port },
    };
    const channels = {
      memory: { type: 'memory', capacity: 1_000_000, transactionCapacity: 1000 },
      file: {
        type: 'file',
        checkpointDir: join(this.folder, 'checkpoint'),
        dataDirs: join(this.folder, 'data'),
        capacity: 1_000_000,
        transactionCapacity: 1000,
      },
    };
    const isWriting = source === 'avro';
    const sinks = isWriting
      ? {
          type: 'file_roll',
          'sink.directory': this.written,
          'sink.rollInterval': 0,
        }
      : { type: 'avro', hostname: '127.0.0.1', port: to };
    const ids = {
      interceptors: 'i',
      'interceptors.i.type': 'regex_extractor',
      'interceptors.i.regex': '^(\\\\S+)',
      'interceptors.i.serializers': 'id',
      'interceptors.i.serializers.id.name': 'id',
    };
    return [
      'a.sources=s\na.channels=c\na.sinks=k\na.sources.s.channels=c\na.sinks.k.channel=c\n',
      ...linesOf('a.sources.s', { ...sources[source], ...(hasIds && ids), ...more }),
      ...linesOf('a.channels.c', channels[channel]),
      ...linesOf('a.sinks.k', { ...sinks, ...sink }),
    ].join('');
  }
}

/** Settings of a sink that speaks TLS. @param {{ keystore: string }} stores */
export function trusting({ keystore }) {
  return {
    ssl: true,
    truststore: keystore,
    'truststore-password': storePassword,
    'truststore-type': 'PKCS12',
  };
}

function linesOf(prefix, settings) {
  return Object.entries(settings).map(([name, value]) => `${prefix}.${name}=${value}\n`);
}
