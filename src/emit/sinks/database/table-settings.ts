// --table, --mode and --key, checked before there is a database.
import { SluiceError } from '../../../errors.ts';
import type { EmitSettings } from '../../command.ts';
import type { Mode } from './database.ts';

type TableSettings = { readonly table: string; readonly mode: Mode; readonly key: readonly string[] };

/**
 * `misnomer` says why a table cannot be called so; `usual` is the table where none is named, if there is one. Throws
 * SluiceError('usage').
 */
export function tableSettings(
  { table, mode, key }: EmitSettings,
  misnomer: (table: string) => string | undefined,
  usual?: string,
): TableSettings {
  const name = table ?? usual;
  if (name === undefined)
    throw new SluiceError(
      'usage',
      'to which table of the database are rows to go?',
      'name it: --table status',
    );
  const problem = misnomer(name);
  if (problem !== undefined)
    throw new SluiceError(
      'usage',
      `'${name}' cannot be the name of a table: ${problem}`,
      'name another: --table rows',
    );
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
