// Rows into a table of a SQLite database.
import { basename, extname } from 'node:path';
import { SluiceError } from '../../errors.ts';
import type { EmitSettings } from '../command.ts';
import { openStatus } from '../terminal/screen.ts';
import type { Sink } from './sink.ts';
import { batchesTable, SqliteWriter } from './sqlite/writer.ts';
import { Database } from './sqlite/database.ts';
import { resolveTarget } from './whole-file.ts';

export const sqliteScheme = 'sqlite:';

export async function prepareSqlite(operand: string, settings: EmitSettings): Promise<Sink> {
  const path = operand.slice(sqliteScheme.length);
  if (settings.format !== undefined)
    throw new SluiceError('usage', '--format says how text is written, and a database has none');
  const target = await resolveTarget(path);
  const table = settings.table ?? basename(path, extname(path));
  if (table === '' || table.includes('\0') || table === batchesTable || /^sqlite_/i.test(table))
    throw new SluiceError('usage', `'${table}' cannot be the name of a table`, 'name another: --table rows');
  return {
    // One transaction at a time can be open in a database.
    target,
    async open(showsStatus) {
      const status = showsStatus ? await openStatus(settings.color) : undefined;
      return new SqliteWriter(new Database(target), path, table, status);
    },
  };
}
