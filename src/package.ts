// What lies outside of the bundles: files of the installed package, and modules. The folder of the source is as deep in it as that of the bundles, dist/.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A path in the package's folder, such as `man/sluice.1`. */
export function packagePath(path: string): string {
  return join(import.meta.dirname, '..', path);
}

/** `import()` for what is in no bundle: code that comes compiled has lost its own (bin/bundle.js). */
export function importModule<Module>(specifier: string): Promise<Module> {
  const load = createRequire(import.meta.filename)('../bin/import.js') as (
    specifier: string,
  ) => Promise<Module>;
  return load(specifier);
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  return version;
}
