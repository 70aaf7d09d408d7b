// Rows into a table of a PostgreSQL database.
import type { EmitSettings } from '../command.ts';
import { openStatus } from '../terminal/screen.ts';
import { tableSettings } from './database/table-settings.ts';
import { DatabaseWriter } from './database/writer.ts';
import { parsePostgresAddress } from './postgres/address.ts';
import { tableMisnomer } from './postgres/dialect.ts';
import type { Sink } from './sink.ts';

/** Milliseconds. */
const usualPatience = 60_000;

export async function preparePostgres(operand: string, settings: EmitSettings): Promise<Sink> {
  const address = parsePostgresAddress(operand);
  const { table, mode, key } = tableSettings(settings, tableMisnomer);
  const { patience = usualPatience, passwordFile, color } = settings;
  const { host, port, database } = address;
  return {
    target: `${host}:${port}/${database}/${table}`,
    async open(showsStatus) {
      const { PostgresDatabase } = await import('./postgres/database.ts');
      const status = showsStatus ? await openStatus(color) : undefined;
      const reached = new PostgresDatabase({ address, table, passwordFile, patience });
      // What is wrong with the address, or the login, is said before the first row.
      await reached.describe();
      return new DatabaseWriter(reached, { mode, key, status });
    },
  };
}
