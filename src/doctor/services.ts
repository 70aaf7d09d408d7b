// Topics and databases, as far as can be told without writing.
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { kafkaScheme, parseKafkaAddress } from '../kafka/address.ts';
import { reach } from '../kafka/reach.ts';
import { securityFrom } from '../kafka/security.ts';
import type { DoctorSettings } from './command.ts';
import { finding, type Finding } from './finding.ts';
import { sqliteScheme } from '../emit/sinks/sqlite.ts';

/** Milliseconds that a service may take to answer. */
const patience = 5000;
const postgresSchemes = new Set(['postgres:', 'postgresql:']);
const postgresPort = 5432;
/** "Do you speak TLS?": length 8, code 80877103; the answer of any PostgreSQL is S or N. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Throws SluiceError('usage') where nobody knows what is meant. */
export function checkService(operand: string, settings: DoctorSettings): Promise<Finding> {
  if (operand.startsWith(kafkaScheme)) return checkKafka(operand, settings);
  if (operand.startsWith(sqliteScheme)) return checkSqlite(operand);
  const url = URL.canParse(operand) ? new URL(operand) : undefined;
  if (url && postgresSchemes.has(url.protocol)) return checkPostgres(url);
  throw new SluiceError(
    'usage',
    `what is '${operand}'?`,
    'it is one of kafka://HOST:9092/TOPIC, sqlite:FILE, postgres://USER@HOST/DATABASE; a folder with state goes behind --state',
  );
}

async function checkKafka(operand: string, settings: DoctorSettings): Promise<Finding> {
  const address = parseKafkaAddress(operand);
  const security = securityFrom(settings, address);
  return finding('kafka', async () => {
    const { cluster, found } = await reach({ address, security, patience }, async (reached) => {
      const { topics, pattern } = address;
      const known = pattern ? (await reached.topics()).filter((topic) => pattern.test(topic)) : topics;
      const { length } = await reached.partitionsOf(known);
      const partitions = `${length} ${length === 1 ? 'partition' : 'partitions'}`;
      return { cluster: reached, found: `${known.join(', ') || 'no topic'}, ${partitions}` };
    });
    await cluster.close();
    return { found: `${address.brokers.join(', ')}: ${found}` };
  });
}

function checkSqlite(operand: string): Promise<Finding> {
  return finding('sqlite', async () => {
    const path = operand.slice(sqliteScheme.length);
    const [{ resolveTarget }, { Database }] = await Promise.all([
      import('../emit/sinks/whole-file.ts'),
      import('../emit/sinks/sqlite/database.ts'),
    ]);
    const target = await resolveTarget(path);
    if (!existsSync(target)) {
      const { checkWritable } = await import('./folder.ts');
      await checkWritable(target);
      return { found: `${path} is not there yet, and can be made` };
    }
    const database = new Database(target);
    database.close();
    return { found: `${path} can be read and written` };
  });
}

function checkPostgres({ hostname, port }: URL): Promise<Finding> {
  const where = `${hostname || '127.0.0.1'}:${port || postgresPort}`;
  return finding('postgres', async () => {
    const socket = connect(Number(port || postgresPort), hostname.replace(/^\[|\]$/g, '') || '127.0.0.1');
    socket.setTimeout(patience, () => socket.destroy(new Error('no answer')));
    try {
      await once(socket, 'connect');
      socket.write(tlsRequest);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      const letter = answer.toString('latin1', 0, 1);
      if (letter === 'S' || letter === 'N')
        return { found: `${where}: a PostgreSQL answers, ${letter === 'S' ? 'with' : 'without'} TLS` };
      return {
        found: `${where}: something answers that is no PostgreSQL`,
        advice: 'check host and port',
        exitCode: exitCodes.unavailable.code,
      };
    } catch (error) {
      throw new SluiceError(
        'unavailable',
        `${where}: nobody answers (${(error as Error).message})`,
        'check host and port, that the server runs, and that it listens for more than its own machine (listen_addresses)',
        error,
      );
    } finally {
      socket.destroy();
    }
  });
}
