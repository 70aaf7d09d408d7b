// Parts of src/ as one module that plain Node can load.
import { mkdirSync } from 'node:fs';
import { build } from 'esbuild';

/** Where benchmarks that run by themselves keep their files. */
export const folder = new URL('../../dist/bench/', import.meta.url).pathname;

/**
 * @param {string} name
 * @param {string} contents exports, with paths from the project's folder
 * @returns {Promise<any>} the module
 */
export async function bundled(name, contents) {
  mkdirSync(folder, { recursive: true });
  const outfile = `${folder}${name}-under-test.js`;
  await build({
    stdin: { contents, resolveDir: new URL('../../', import.meta.url).pathname },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'warning',
  });
  return import(outfile);
}
