// Topics and databases, as far as can be told without writing.
import { existsSync } from 'node:fs';
import { SluiceError } from '../errors.ts';
import { kafkaScheme, parseKafkaAddress } from '../kafka/address.ts';
import { reach } from '../kafka/reach.ts';
import { securityFrom } from '../kafka/security.ts';
import type { DoctorSettings } from './command.ts';
import { finding, type Finding } from './finding.ts';
import { batchesTable, quoted } from '../emit/sinks/database/database.ts';
import { isSqlite, sqlitePath } from '../emit/sinks/sqlite-scheme.ts';

/** Milliseconds that a service may take to answer. */
const patience = 5000;
const postgresSchemes = new Set(['postgres:', 'postgresql:']);

/** Throws SluiceError('usage') where nobody knows what is meant. */
export function checkService(operand: string, settings: DoctorSettings): Promise<Finding> {
  if (operand.startsWith(kafkaScheme)) return checkKafka(operand, settings);
  if (isSqlite(operand)) return checkSqlite(operand);
  const url = URL.canParse(operand) ? new URL(operand) : undefined;
  if (url && postgresSchemes.has(url.protocol)) return checkPostgres(operand, settings);
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
    const path = sqlitePath(operand);
    const [{ resolveTarget }, { SqliteDatabase }] = await Promise.all([
      import('../emit/sinks/whole-file.ts'),
      import('../emit/sinks/sqlite/database.ts'),
    ]);
    const target = await resolveTarget(path);
    if (!existsSync(target)) {
      const { checkWritable } = await import('./folder.ts');
      await checkWritable(target);
      return { found: `${path} is not there yet, and can be made` };
    }
    const database = await SqliteDatabase.open({ path: target, name: path, table: batchesTable, patience });
    await database.close();
    return { found: `${path} can be read and written` };
  });
}

/** Logs in and looks for a table, as a job does. */
function checkPostgres(operand: string, { passwordFile }: DoctorSettings): Promise<Finding> {
  return finding('postgres', async () => {
    const [{ parsePostgresAddress }, { PostgresDatabase }] = await Promise.all([
      import('../emit/sinks/postgres/address.ts'),
      import('../emit/sinks/postgres/database.ts'),
    ]);
    const address = parsePostgresAddress(operand);
    const database = new PostgresDatabase({ address, table: batchesTable, passwordFile, patience });
    try {
      const { schema, mayCreate } = await database.rights();
      const found = `${address.host}:${address.port} lets ${address.user} in, to ${address.database}`;
      if (mayCreate) return { found };
      return {
        found: `${found}, but no tables can be made there, in schema ${schema}`,
        advice: `where the table is not there yet, or a job keeps state: GRANT CREATE ON SCHEMA ${quoted(schema)} TO ${quoted(address.user)}`,
      };
    } finally {
      await database.close();
    }
  });
}
