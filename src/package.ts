// Files of the installed package, wherever the bundler has put the code that asks.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path in the package's folder, such as `man/sluice.1`. */
export function packagePath(path: string): string {
  return fileURLToPath(import.meta.resolve(`#package/${path}`));
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  return version;
}
