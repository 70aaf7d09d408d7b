// The folder of the state, and places where something is to be written.
import { existsSync, statSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SluiceError, systemCode } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatBytes } from '../monitor/amounts.ts';
import { finding, type Finding } from './finding.ts';

/** Bytes; with less a disk is full before anybody has looked. */
const leastSpace = 256 * 1024 * 1024;

/** Whether `path`, which is a folder or not there, can be written, or made. Throws SluiceError('cannotCreate'). */
export async function checkWritable(path: string): Promise<void> {
  let nearest = resolve(path);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (!statSync(nearest).isDirectory())
    throw new SluiceError(
      'cannotCreate',
      `${path}: ${nearest} is no folder`,
      'name another place, or move it away',
    );
  try {
    await access(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    const isReadOnly = systemCode(error) === 'EROFS';
    throw new SluiceError(
      'cannotCreate',
      `${path}: ${nearest} ${isReadOnly ? 'is on a disk that is read only' : 'may not be written'}`,
      isReadOnly ? 'name a place on another disk' : `give this user the right to, or name another place`,
      error,
    );
  }
}

export function checkState(path: string): Promise<Finding> {
  return finding('state', async () => {
    await checkWritable(path);
    const { bavail, bsize } = await statfs(existsSync(path) ? path : dirname(resolve(path))).catch(() => ({
      bavail: Number.POSITIVE_INFINITY,
      bsize: 1,
    }));
    const space = bavail * bsize;
    const scarce = space < leastSpace && { advice: `free some space: ${formatBytes(space)} are left` };
    if (!existsSync(path)) return { found: `${path} is not there yet, and can be made`, ...scarce };
    const [{ checkState: checkFiles }, { isStateFolder, stateFolder }, { holderOf }] = await Promise.all([
      import('../state/check.ts'),
      import('../state/folder.ts'),
      import('../state/lock.ts'),
    ]);
    const folder = stateFolder(resolve(path));
    if (!isStateFolder(folder)) return { found: `${path} has no state yet`, ...scarce };
    const { isWhole } = checkFiles(folder);
    if (!isWhole)
      return {
        found: `${path} is damaged`,
        advice: `see \`sluice state check ${path}\``,
        exitCode: exitCodes.inputOutput.code,
      };
    const holder = await holderOf(folder);
    return { found: `${path} is whole${holder === undefined ? '' : `; ${holder} has it now`}`, ...scarce };
  });
}
