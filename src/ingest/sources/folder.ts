// `dir:FOLDER`: files that are moved in, each read once, as Spark's textFileStream has it.
import { join } from 'node:path';
import { cannotRead, SluiceError } from '../../errors.ts';
import { openFile } from './file.ts';
import { readdir, regularFile } from './file-system.ts';
import type { SourceKind } from './source.ts';

const prefix = 'dir:';

/** By when they were written, then by name; hidden ones are still being written. Throws SluiceError('noInput'). */
async function filesIn(operand: string): Promise<string[]> {
  const folder = operand.slice(prefix.length);
  if (folder === '') throw new SluiceError('usage', "'dir:' names no folder", 'write dir:FOLDER');
  const names = await readdir(folder).catch((error: unknown) => {
    throw cannotRead(folder, error);
  });
  const visible = names.filter((name) => !name.startsWith('.'));
  const found = await Promise.all(visible.map((name) => regularFile(join(folder, name))));
  const files = found.filter((file) => file !== undefined);
  files.sort((one, other) => one.status.mtimeMs - other.status.mtimeMs || (one.path < other.path ? -1 : 1));
  return files.map(({ path }) => path);
}

export const folderSource: SourceKind = {
  name: 'dir:FOLDER',
  summary:
    'the files in a folder whose names do not begin with a dot, each read once, in the order in which they were written',
  matches: (operand) => operand.startsWith(prefix),
  open: async (operand) => Promise.all((await filesIn(operand)).map(openFile)),
  paths: filesIn,
  isReadOnce: true,
};
