// --table, --mode and --key, checked before there is a database.
import { SluiceError } from '../../../errors.ts';
import type { EmitSettings } from '../../command.ts';
import { batchesTable, type Mode } from './database.ts';

type TableSettings = { readonly table: string; readonly mode: Mode; readonly key: readonly string[] };

/** `usual` is the table where none is named, if there is one. Throws SluiceError('usage'). */
export function tableSettings({ table, mode, key }: EmitSettings, usual?: string): TableSettings {
  const name = table ?? usual;
  if (name === undefined)
    throw new SluiceError(
      'usage',
      'to which table of the database are rows to go?',
      'name it: --table status',
    );
  if (name === '' || name.includes('\0') || name === batchesTable)
    throw new SluiceError('usage', `'${name}' cannot be the name of a table`, 'name another: --table rows');
  if (mode === 'upsert' && key.length === 0)
    throw new SluiceError(
      'usage',
      '--mode upsert needs --key',
      'name the columns that tell rows apart: --key day,status',
    );
  if (mode !== 'upsert' && key.length > 0)
    throw new SluiceError('usage', '--key needs --mode upsert', `with --mode ${mode} rows need none`);
  return { table: name, mode, key };
}
