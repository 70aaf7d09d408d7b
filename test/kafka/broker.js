// A real Kafka on loopback: one node, or three that elect leaders. KRaft, so that there is nothing beside it.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  freePorts,
  isAlive,
  JavaProgram,
  makeStores,
  quickStart,
  storePassword,
  takesConnections,
} from '../helpers/java.js';
import { kafkaClassPath } from './artifacts.js';

/** Who may log in at the ports that ask. */
export const user = { name: 'alice', password: 'alice-secret' };

/**
 * @typedef {object} BrokerSettings
 * @property {1 | 3} [nodes]
 * @property {number} [port] of the first node; else any that is free
 * @property {boolean} [createsTopics] topics come to be when somebody uses them
 * @property {boolean} [isSecured] with ports for TLS and SASL
 * @property {Record<string, string | number>} [more] further settings of the brokers
 */

/** @param {BrokerSettings} [settings] */
export async function startBroker(settings = {}) {
  const classPath = kafkaClassPath();
  // 16 bytes, as Kafka writes them: whoever answers with another one is not ours. The tool takes a dash in front for an option.
  const clusterId = `A${randomBytes(16).toString('base64url').slice(1)}`;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-kafka-'));
  const count = settings.nodes ?? 1;
  const ports = await freePorts(count * 5);
  if (settings.port) ports[0] = settings.port;
  const portsOf = (index) => {
    const [plaintext, controller, ssl, sasl, saslSsl] = [0, 1, 2, 3, 4].map(
      (kind) => ports[kind * count + index],
    );
    return { plaintext, controller, ssl, sasl, saslSsl };
  };
  const indexes = Array.from({ length: count }, (_, index) => index);
  const voters = indexes.map((index) => `${index + 1}@127.0.0.1:${portsOf(index).controller}`).join(',');
  const stores = settings.isSecured ? makeStores(folder) : undefined;
  const nodes = indexes.map(
    (index) => new Node(join(folder, `node${index + 1}`), index + 1, portsOf(index), classPath),
  );
  try {
    for (const node of nodes) node.format(clusterId, properties(node, voters, count, settings, stores));
    await Promise.all(nodes.map((node) => node.start()));
    const bootstrap = nodes.map(({ ports: { plaintext } }) => `127.0.0.1:${plaintext}`).join(',');
    await untilReady(nodes, bootstrap, clusterId, folder);
    const { ssl, sasl, saslSsl } = portsOf(0);
    return {
      folder,
      nodes,
      bootstrap,
      ...(stores && {
        ssl: `127.0.0.1:${ssl}`,
        sasl: `127.0.0.1:${sasl}`,
        saslSsl: `127.0.0.1:${saslSsl}`,
        certificate: stores.certificate,
      }),
      /** Runs one of Kafka's own tools; returns what it prints. @param {string} name of its class @param {string[]} options @param {string} [input] */
      tool(name, options, input = '') {
        const { stdout, stderr, status } = spawnSync(
          'java',
          ['-cp', classPath, '-XX:TieredStopAtLevel=1', name, ...options],
          {
            input,
            encoding: 'utf8',
            maxBuffer: 1 << 30,
          },
        );
        if (status !== 0) throw new Error(`${name}: ${stderr}${stdout}`);
        return stdout;
      },
      /** Everything is gone, but the logs where `isFailed`. */
      async stop(isFailed = false) {
        await Promise.all(nodes.map((node) => node.kill()));
        if (!isFailed) rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await Promise.all(nodes.map((node) => node.kill()));
    throw error;
  }
}

class Node {
  #program;

  constructor(folder, id, ports, classPath) {
    this.folder = folder;
    this.id = id;
    this.ports = ports;
    this.classPath = classPath;
    this.pid = 0;
  }

  get configuration() {
    return join(this.folder, 'server.properties');
  }

  get log() {
    return join(this.folder, 'broker.log');
  }

  /** @param {string} clusterId @param {Record<string, string | number>} settings */
  format(clusterId, settings) {
    mkdirSync(this.folder, { recursive: true });
    const text = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(this.configuration, text.join(''));
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${user.name},password=${user.password}]`,
    ]);
    const format = ['format', '-t', clusterId, '-c', this.configuration, ...scram];
    execFileSync(
      'java',
      ['-cp', this.classPath, '-XX:TieredStopAtLevel=1', 'kafka.tools.StorageTool', ...format],
      {
        stdio: 'pipe',
      },
    );
  }

  /** On the same ports, with the data that it has. */
  async start() {
    const heap = ['-Xmx512m', '-Xms128m'];
    this.#program = new JavaProgram(this.log, [
      ...heap,
      ...quickStart,
      '-cp',
      this.classPath,
      'kafka.Kafka',
      this.configuration,
    ]);
    await this.#program.start();
    this.pid = this.#program.pid;
  }

  async kill() {
    await this.#program?.kill();
  }

  /** Resolves once it takes connections again. */
  async restart() {
    await this.kill();
    await this.start();
    for (
      const deadline = Date.now() + 60_000;
      !(await takesConnections(this.ports.plaintext));
      await sleep(50)
    )
      if (Date.now() > deadline) throw new Error(`Kafka does not come back, see ${this.log}`);
  }
}

function properties({ id, folder, ports }, voters, count, { createsTopics = false, more = {} }, stores) {
  const address = (port) => `127.0.0.1:${port}`;
  const listeners = {
    PLAINTEXT: ports.plaintext,
    ...(stores && { SSL: ports.ssl, SASL_PLAINTEXT: ports.sasl, SASL_SSL: ports.saslSsl }),
  };
  const list = Object.entries(listeners).map(([name, port]) => `${name}://${address(port)}`);
  const replicas = Math.min(count, 3);
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user.name}="${user.password}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const logins = ['sasl_plaintext', 'sasl_ssl'].flatMap((listener) => [
    [`listener.name.${listener}.plain.sasl.jaas.config`, jaas],
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, scram],
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, scram],
  ]);
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    listeners: [...list, `CONTROLLER://${address(ports.controller)}`].join(','),
    'advertised.listeners': list.join(','),
    'log.dirs': join(folder, 'data'),
    'num.partitions': 1,
    'auto.create.topics.enable': createsTopics,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.min(2, replicas),
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.min(2, replicas),
    'group.initial.rebalance.delay.ms': 0,
    // Tests have records with times of their own, which are old to a broker that clears away.
    'log.retention.ms': -1,
    'log.flush.scheduler.interval.ms': 1000,
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    ...(stores && {
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      ...Object.fromEntries(logins),
      'ssl.keystore.location': stores.keystore,
      'ssl.keystore.password': storePassword,
      'ssl.key.password': storePassword,
    }),
    ...more,
  };
}

/** A node that does not come up has its log shown. */
async function untilReady(nodes, bootstrap, clusterId, folder) {
  const { Kafka } = (await import('kafkajs')).default;
  for (const deadline = Date.now() + 60_000; ; await sleep(50)) {
    const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: 0, retry: { retries: 0 } }).admin();
    try {
      await admin.connect();
      const cluster = await admin.describeCluster();
      if (cluster.clusterId === clusterId && cluster.brokers.length === nodes.length) return;
    } catch (error) {
      const dead = nodes.find(({ pid }) => !isAlive(pid));
      if (!dead && Date.now() < deadline) continue;
      throw new Error(
        `Kafka does not start, see ${folder}: ${dead ? readFileSync(dead.log, 'utf8').slice(-2000) : error.message}`,
        { cause: error },
      );
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}
