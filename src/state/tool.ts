// `sluice state`: which of its actions, in which folder.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closest } from '../command/suggest.ts';
import { messageOf, SluiceError, systemCode } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkState } from './check.ts';
import { isStateFolder, stateFolder, type StateFolder } from './folder.ts';
import { resetState } from './reset.ts';
import { showState } from './show.ts';

const actions: Readonly<Record<string, (folder: StateFolder) => Promise<boolean> | boolean>> = {
  show: async (folder) => {
    process.stdout.write(await showState(folder, Date.now()));
    return true;
  },
  check: (folder) => {
    const { text, isWhole } = checkState(folder);
    process.stdout.write(text);
    return isWhole;
  },
  reset: async (folder) => {
    await resetState(folder);
    return true;
  },
};

/** Resolves to the exit code. Throws SluiceError. */
export async function stateTool([name = '', ...rest]: string[]): Promise<number> {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw unknownAction(name);
  const [path = process.env['SLUICE_STATE'] ?? '', ...more] = rest;
  if (path === '' || more.length > 0)
    throw new SluiceError(
      'usage',
      `sluice state ${name} takes one folder`,
      `sluice state ${name} DIR, or set SLUICE_STATE`,
    );
  const folder = stateFolder(resolve(path));
  requireStateFolder(folder, path);
  return (await action(folder)) ? exitCodes.ok.code : exitCodes.inputOutput.code;
}

function unknownAction(name: string): SluiceError {
  const known = Object.keys(actions);
  const guess = name === '' ? undefined : closest(name, known);
  return new SluiceError(
    'usage',
    name === '' ? 'what is to be done with the state?' : `there is no 'sluice state ${name}'`,
    guess ? `did you mean '${guess}'?` : `one of ${known.join(', ')}, and behind it the folder`,
  );
}

function requireStateFolder(folder: StateFolder, path: string): void {
  try {
    if (!statSync(join(folder.path, '.')).isDirectory()) throw new Error('it is no folder');
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'no such folder' : messageOf(error);
    throw new SluiceError('noInput', `${path}: ${why}`, undefined, error);
  }
  if (isStateFolder(folder)) return;
  throw new SluiceError(
    'noInput',
    `${path} holds no state of a job`,
    'name the folder that --state or SLUICE_STATE names',
  );
}
