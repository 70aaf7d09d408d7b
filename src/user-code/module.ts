// JavaScript modules that users wrote.
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, SluiceError, systemCode } from '../errors.ts';
import { importModule } from '../package.ts';

/** What it exports. `usage` says what such a module is, where there is none. Throws SluiceError. */
export async function loadModule(path: string, usage: string): Promise<Record<string, unknown>> {
  refuseExit();
  const file = resolve(path);
  if (!existsSync(file)) throw new SluiceError('noInput', `there is no ${path}`, usage);
  try {
    const module = await importModule<Record<string, unknown>>(pathToFileURL(file).href);
    // Also as one object: `export default { init, … }`, or module.exports of CommonJS.
    const { default: whole } = module;
    return typeof whole === 'object' && whole !== null ? { ...whole, ...module } : module;
  } catch (error) {
    const hint =
      systemCode(error) === 'ERR_UNKNOWN_FILE_EXTENSION' && extname(path) === '.ts'
        ? `Node ${process.versions.node} runs no TypeScript: use Node 22.18 or newer, or compile it`
        : undefined;
    throw new SluiceError('usage', `cannot load ${path}: ${messageOf(error)}`, hint, error);
  }
}

/** Code of a user that ends the process would end the pipeline without a word, with whatever code; we ourselves never call this. */
export function refuseExit(): void {
  process.exit = () => {
    throw new Error('it called process.exit(), which would end the pipeline without a word');
  };
}
