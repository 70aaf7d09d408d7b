// What stages hold after a checkpoint, a file for each stage.
import { cannotWrite } from '../errors.ts';
import type { Json } from '../envelope/json.ts';
import { parseJson, stringifyJson } from '../envelope/json.ts';
import { makeFolder } from '../make-folder.ts';
import { DamagedFile, readChecked, writeChecked } from './checked.ts';
import { numbered } from './folder.ts';

/** Throws SluiceError('inputOutput'). */
export function writeSnapshot(folder: string, checkpoint: number, snapshot: Json): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
  writeChecked(numbered(folder, checkpoint), `${textOf(snapshot)}\n`);
}

/** Undefined where there is none. Throws DamagedFile. */
export function readSnapshot(folder: string, checkpoint: number): Json | undefined {
  const body = readChecked(numbered(folder, checkpoint));
  return body === undefined ? undefined : parseJson(body);
}

/** Whether a snapshot is there as it was written. `warn` is told where it is not. */
export function isSnapshotWhole(
  folder: string,
  checkpoint: number,
  warn: (message: string) => void,
): boolean {
  try {
    return readChecked(numbered(folder, checkpoint)) !== undefined;
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    warn(`${error.message}: the checkpoint before is used`);
    return false;
  }
}

/** JSON.stringify refuses bigints only, which are rare. */
function textOf(snapshot: Json): string {
  try {
    return JSON.stringify(snapshot);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return stringifyJson(snapshot);
  }
}
