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
  // Beside the other bundles, since it looks for the kernel where they do.
  const outfile = new URL(`../../dist/${name}-under-test.js`, import.meta.url).pathname;
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
