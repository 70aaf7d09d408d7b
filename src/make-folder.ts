// A folder, and those above it that are missing, one level at a time. Node's own way, `recursive`, goes round for ever, and hears no
// signal meanwhile, where a folder cannot be made though the one above it is there: in one that was removed, say.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';

/** Throws what the system says where it is not there in the end. */
export function makeFolder(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    const above = dirname(path);
    if (systemCode(error) !== 'ENOENT' || above === path || existsSync(above)) throw error;
    makeFolder(above);
    makeOne(path);
  }
}

/** Another process may have made it just now. */
function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
