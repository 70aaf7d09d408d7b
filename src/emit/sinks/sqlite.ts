// Rows into a table of a SQLite database.
import { basename, extname } from 'node:path';
import { SluiceError } from '../../errors.ts';
import type { EmitSettings } from '../command.ts';
import { openStatus } from '../terminal/screen.ts';
import { batchesTable, keptForBatches } from './database/database.ts';
import { tableSettings } from './database/table-settings.ts';
import { DatabaseWriter } from './database/writer.ts';
import type { Sink } from './sink.ts';
import { sqliteDialect } from './sqlite/columns.ts';
import { sqlitePath } from './sqlite-scheme.ts';
import { SqliteDatabase } from './sqlite/database.ts';
import { resolveTarget } from './whole-file.ts';

/** Milliseconds. */
const usualPatience = 5000;

function misnomer(table: string): string | undefined {
  if (table === '') return 'it is empty';
  if (/^sqlite_/i.test(table)) return 'SQLite keeps it for itself';
  return sqliteDialect.folded(table) === batchesTable ? keptForBatches : sqliteDialect.misnomer(table);
}

export async function prepareSqlite(operand: string, settings: EmitSettings): Promise<Sink> {
  const name = sqlitePath(operand);
  if (name === '')
    throw new SluiceError(
      'usage',
      `to which database are rows to go? '${operand}' has no name of a file`,
      'name it: sqlite:report.db',
    );
  const { table, mode, key } = tableSettings(settings, misnomer, basename(name, extname(name)));
  const path = await resolveTarget(name);
  const { patience = usualPatience, color } = settings;
  return {
    // One transaction at a time can be open in a database.
    target: path,
    async open(showsStatus) {
      const database = await SqliteDatabase.open({ path, name, table, patience });
      const status = showsStatus ? await openStatus(color) : undefined;
      return new DatabaseWriter(database, { mode, key, status });
    },
  };
}
